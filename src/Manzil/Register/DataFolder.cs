using System.Text;

namespace Manzil.Register;

/// <summary>
/// The folder beside the database: private keys (mode 0600) and the newest published checkpoint, which is kept
/// outside the database so that one restored from a backup is found out (design §4, "No index is ever signed twice").
/// </summary>
public sealed class DataFolder
{
    const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public DataFolder(string path)
    {
        Folder = Path.GetFullPath(path);
        Keys = Path.Combine(Folder, "keys");
        try
        {
            Directory.CreateDirectory(Folder, Private | UnixFileMode.UserExecute);
            Directory.CreateDirectory(Keys, Private | UnixFileMode.UserExecute);
            var probe = Path.Combine(Keys, $".writable-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandLineException($"The data folder {Folder} cannot be written: {Plain(e)}", 1);
        }
    }

    public string Folder { get; }

    public string Keys { get; }

    public string StatementKey => Environment.GetEnvironmentVariable("MANZIL_STATEMENT_KEY") ?? Path.Combine(Keys, "statement-key.pem");

    public string LogKey => Environment.GetEnvironmentVariable("MANZIL_LOG_KEY") ?? Path.Combine(Keys, "log-key.txt");

    public string PublishedCheckpoint => Path.Combine(Keys, "published-checkpoint");

    public static string? ReadPrivate(string path, string what = "key file")
    {
        if (!File.Exists(path)) return null;
        if (File.GetUnixFileMode(path) is var mode && (mode | Private) != Private)
        {
            throw new CommandLineException(
                $"The {what} {path} can be read by others (mode {Convert.ToString((int)mode, 8)}): what is secret has mode 0600. Run 'chmod 600 {path}', and ask who could have read it.", 1);
        }

        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandLineException($"The {what} {path} cannot be read: {Plain(e)}", 1);
        }
    }

    public static void WritePrivate(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private });
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    static string Plain(Exception e) => e.Message.ReplaceLineEndings(" ");
}
