using Npgsql;

namespace Manzil.Register;

/// <summary>postgres://user:password@host:port/database?option=value, as operators write it, for Npgsql.</summary>
public static class PostgresUrl
{
    /// <exception cref="CommandLineException">With a sentence for the operator.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        if (!text.StartsWith("postgres://", StringComparison.Ordinal) && !text.StartsWith("postgresql://", StringComparison.Ordinal))
            throw new CommandLineException($"'{text}' is not a database: write 'sqlite' or a postgres:// URL.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            throw new CommandLineException("The postgres:// URL of --database cannot be read.");

        var settings = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(url.Host), Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')) };
        if (url.Port > 0) settings.Port = url.Port;
        if (url.UserInfo.Length > 0)
        {
            var parts = url.UserInfo.Split(':', 2);
            settings.Username = Uri.UnescapeDataString(parts[0]);
            if (parts.Length == 2) settings.Password = Uri.UnescapeDataString(parts[1]);
        }

        var saysHow = false;
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            try
            {
                var name = Uri.UnescapeDataString(parts[0]);
                settings[name] = Uri.UnescapeDataString(parts.Length == 2 ? parts[1] : "");
                saysHow |= string.Equals(name.Replace(" ", "", StringComparison.Ordinal), "SslMode", StringComparison.OrdinalIgnoreCase);
            }
            catch (Exception e) when (e is ArgumentException or FormatException)
            {
                throw new CommandLineException($"The postgres:// URL of --database has an option that is not known: '{parts[0]}'.");
            }
        }

        // Over a network the server has to show who it is, and nothing goes unencrypted unless somebody writes so.
        if (!saysHow && !(settings.Host ?? "").Split(',').All(IsHere)) settings.SslMode = SslMode.VerifyFull;
        return settings;
    }

    static bool IsHere(string host) => host.Length == 0 || host[0] is '/' or '@' || host == "localhost" || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address));
}
