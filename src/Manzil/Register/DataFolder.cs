using System.Text;

namespace Manzil.Register;

/// <summary>
/// The folder beside the database: private keys and the newest published checkpoint, which is kept outside the database so that one
/// restored from a backup is found out (design §4, "No index is ever signed twice"); with SQLite the database too. Nobody but the
/// service's own user opens the folder (0700) or anything in it (0600): each start makes it so, or does not happen.
/// </summary>
public sealed class DataFolder
{
    const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;
    const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>What the service keeps in the folder itself; SQLite gives the files beside its database the database's own mode.</summary>
    static readonly string[] ours = ["manzil.db", "manzil.db-wal", "manzil.db-shm", "manzil.db-journal", "demo-credentials.json", "demo-clock"];

    public DataFolder(string path)
    {
        Folder = Path.GetFullPath(path);
        Keys = Path.Combine(Folder, "keys");
        try
        {
            Close(Folder, [.. ours, "keys"]);
            Close(Keys, null);
            foreach (var file in ours) CloseFile(Path.Combine(Folder, file));
            CloseFile(PublishedCheckpoint);
            var probe = Path.Combine(Keys, $".writable-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandLineException($"The data folder {Folder} cannot be written: {Plain(e)}", 1);
        }
    }

    /// <summary>Makes a folder that its owner alone can open, or makes one that stands there so.</summary>
    /// <param name="folder">Its path.</param>
    /// <param name="own">What may stand in it for its mode to be changed; null for a folder of the service alone.</param>
    static void Close(string folder, string[]? own)
    {
        Directory.CreateDirectory(folder, PrivateFolder);
        var mode = File.GetUnixFileMode(folder);
        if ((mode & OthersWrite) != UnixFileMode.None)
        {
            throw new CommandLineException(
                $"Others can write in the folder {folder} (mode {Octal(mode)}), so what stands in it could be theirs: give the service a folder of its own with mode 0700.", 1);
        }

        if ((mode | PrivateFolder) == PrivateFolder) return;
        // A folder with other things in it is somebody's, who may not want it closed to others.
        if (own is not null && Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).FirstOrDefault(n => !own.Contains(n) && n != "lost+found") is { } strange)
        {
            throw new CommandLineException(
                $"Others can open the data folder {folder} (mode {Octal(mode)}), and it holds '{strange}', which is not the service's: give the service a folder of its own with mode 0700.", 1);
        }

        File.SetUnixFileMode(folder, mode & PrivateFolder);
    }

    /// <summary>Makes a file that stands there one that its owner alone can open.</summary>
    static void CloseFile(string path)
    {
        if (!File.Exists(path)) return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & OthersWrite) != UnixFileMode.None)
            throw new CommandLineException($"Others can write the file {path} (mode {Octal(mode)}): find out who did, then run 'chmod 600 {path}'.", 1);
        if ((mode | Private) != Private) File.SetUnixFileMode(path, mode & Private);
    }

    /// <summary>A database's file that its owner alone can open, made before SQLite makes one that the umask decides about.</summary>
    public static void MakePrivate(string path)
    {
        try
        {
            using var made = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private });
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && File.Exists(path)))
        {
            // Made before, by this node or by another process just now; or not to be made, which SQLite says in its own words.
        }
    }

    /// <summary>Writes a file of the folder anew, for its owner alone.</summary>
    public static void WriteOver(string path, string text)
    {
        MakePrivate(path);
        CloseFile(path);
        File.WriteAllText(path, text);
    }

    /// <summary>
    /// Keys that are here before a database is are those of a service whose database is elsewhere. Where nobody said which, none is made
    /// beside them: what it signed would look like that service's.
    /// </summary>
    public void RefuseKeysOfAnotherDatabase()
    {
        if (File.Exists(Path.Combine(Folder, "manzil.db")) || !((string[])[StatementKey, LogKey, PublishedCheckpoint]).Any(File.Exists)) return;
        throw new CommandLineException(
            $"The keys in {Keys} belong to a service whose database is not in {Folder}: add --database postgres://…, the same as for 'manzil serve'; or let 'manzil serve --database sqlite' begin a new one there with these keys.");
    }

    /// <summary>Any command but <c>serve</c>: makes no folder, key or database where the path was mistyped.</summary>
    public static void RefuseNoService(ServiceSettings settings)
    {
        var path = Path.GetFullPath(settings.DataFolder);
        var isSqlite = settings.Database == "sqlite";
        var (file, keys) = (Path.Combine(path, "manzil.db"), Path.Combine(path, "keys"));
        // Keys without a database are those of a service whose database is elsewhere, which is said in its own words.
        if (isSqlite ? File.Exists(file) || (settings.IsDatabaseUnsaid && Directory.Exists(keys)) : File.Exists(StatementKeyIn(keys))) return;
        throw new CommandLineException(
            $"There is no service in {path}: name the folder of 'manzil serve' with --data. A new service begins with 'manzil serve', and with nothing else.", 1);
    }

    static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8);

    public string Folder { get; }

    public string Keys { get; }

    public string StatementKey => StatementKeyIn(Keys);

    static string StatementKeyIn(string keys) => Environment.GetEnvironmentVariable("MANZIL_STATEMENT_KEY") ?? Path.Combine(keys, "statement-key.pem");

    public string LogKey => Environment.GetEnvironmentVariable("MANZIL_LOG_KEY") ?? Path.Combine(Keys, "log-key.txt");

    public string PublishedCheckpoint => Path.Combine(Keys, "published-checkpoint");

    public static string? ReadPrivate(string path, string what = "key file")
    {
        if (!File.Exists(path)) return null;
        if (File.GetUnixFileMode(path) is var mode && (mode | Private) != Private)
        {
            throw new CommandLineException(
                $"The {what} {path} can be read by others (mode {Octal(mode)}): what is secret has mode 0600. Run 'chmod 600 {path}', and ask who could have read it.", 1);
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
