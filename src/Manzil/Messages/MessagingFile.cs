using System.Net;
using System.Net.Mail;
using System.Text;
using System.Text.Json;
using Manzil.Register;

namespace Manzil.Messages;

public enum SmtpSecurity
{
    None,
    StartTls,
    Tls,
}

/// <param name="Host">A name or an address.</param>
/// <param name="Security">None is for a server on this machine only.</param>
/// <param name="User">Null where the server asks for none.</param>
public sealed record SmtpSettings(string Host, int Port, SmtpSecurity Security, string? User, string? Password, MailAddress From);

/// <param name="Url">Where the gateway takes messages.</param>
/// <param name="Secret">Shared with the gateway; signs what goes out and what comes in.</param>
public sealed record SmsSettings(Uri Url, byte[] Secret);

/// <summary>Through whom messages leave: the file that <c>serve --messages</c> names, mode 0600 since it holds secrets. A part that is missing is not sent by.</summary>
public sealed record MessagingFile
{
    const int MinSecret = 32, MaxText = 1000;

    public static readonly MessagingFile None = new();

    public SmtpSettings? Smtp { get; init; }

    public SmsSettings? Sms { get; init; }

    /// <summary>Not in the file: tests have less time.</summary>
    public SendingLimits Limits { get; init; } = new();

    /// <summary>Reads the file; whatever is wrong with it is one sentence.</summary>
    public static MessagingFile Load(string path)
    {
        var text = DataFolder.ReadPrivate(path, "messages file") ?? throw new CommandLineException($"There is no messages file {path}.", 1);
        try
        {
            return Parse(text);
        }
        catch (FormatException e)
        {
            throw new CommandLineException($"The messages file {path} cannot be used: {e.Message}", 1);
        }
    }

    /// <exception cref="FormatException">With a sentence that names the member, and never repeats a secret.</exception>
    public static MessagingFile Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            var root = new Part("", document.RootElement, ["smtp", "sms"]);
            return new MessagingFile { Smtp = ReadSmtp(root), Sms = ReadSms(root) };
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not JSON as it should be (line {e.LineNumber + 1}), or has a member twice.", e);
        }
    }

    static SmtpSettings? ReadSmtp(Part root)
    {
        if (root.Inner("smtp", ["host", "port", "security", "user", "password", "from"]) is not { } part) return null;
        var host = part.Text("host") ?? throw part.Missing("host");
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown) throw part.Wrong("host", "is a host's name or address");
        var security = part.Text("security") switch
        {
            "starttls" => SmtpSecurity.StartTls,
            "tls" => SmtpSecurity.Tls,
            "none" => SmtpSecurity.None,
            null => throw part.Missing("security"),
            _ => throw part.Wrong("security", "is \"starttls\", \"tls\" or \"none\""),
        };
        if (security == SmtpSecurity.None && !IsThisMachine(host)) throw part.Wrong("security", "is \"none\" only for a server on this machine: names and codes would be read on the way");
        var (user, password) = (part.Text("user"), part.Text("password"));
        if (user is null != password is null) throw part.Wrong(user is null ? "user" : "password", "belongs beside the other of user and password");
        return new SmtpSettings(host, part.Port("port"), security, user, password, ReadFrom(part));
    }

    static MailAddress ReadFrom(Part part)
    {
        var from = part.Text("from") ?? throw part.Missing("from");
        return MailAddress.TryCreate(from, out var address) && address.Address.Length <= 254 && address.Address.All(c => c is > ' ' and < '\x7f')
            ? address
            : throw part.Wrong("from", "is an e-mail address, with or without a name: Manzil <no-reply@manzil.example>");
    }

    static SmsSettings? ReadSms(Part root)
    {
        if (root.Inner("sms", ["url", "secret"]) is not { } part) return null;
        var text = part.Text("url") ?? throw part.Missing("url");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            throw part.Wrong("url", "is the gateway's address: https://gateway.example/send");
        if (url.Scheme == "http" && !IsThisMachine(url.IdnHost)) throw part.Wrong("url", "begins with http:// only for a gateway on this machine: names and codes would be read on the way");
        var secret = part.Text("secret") ?? throw part.Missing("secret");
        if (secret.Length < MinSecret) throw part.Wrong("secret", $"has at least {MinSecret} characters");
        return new SmsSettings(url, Encoding.UTF8.GetBytes(secret));
    }

    static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>An object of the file; knows where it stands, so that what is wrong can be named.</summary>
    sealed class Part
    {
        readonly string _where;
        readonly JsonElement _object;

        public Part(string where, JsonElement element, string[] members)
        {
            _where = where;
            _object = element;
            if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"{(where.Length == 0 ? "it" : where.TrimEnd('.'))} is a JSON object.");
            foreach (var member in element.EnumerateObject())
                if (!members.Contains(member.Name, StringComparer.Ordinal)) throw new FormatException($"{where}{member.Name} is not known here; known are {string.Join(", ", members)}.");
        }

        public Part? Inner(string name, string[] members) => _object.TryGetProperty(name, out var value) ? new Part($"{_where}{name}.", value, members) : null;

        public string? Text(string name)
        {
            if (!_object.TryGetProperty(name, out var value)) return null;
            return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaxText } text && !text.Any(char.IsControl)
                ? text
                : throw Wrong(name, $"is text of 1 to {MaxText} characters on one line");
        }

        public int Port(string name)
        {
            if (!_object.TryGetProperty(name, out var value)) throw Missing(name);
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var port) && port is > 0 and <= ushort.MaxValue ? port : throw Wrong(name, "is a number from 1 to 65535");
        }

        public FormatException Missing(string name) => new($"{_where}{name} is missing.");

        public FormatException Wrong(string name, string is_) => new($"{_where}{name} {is_}.");
    }
}
