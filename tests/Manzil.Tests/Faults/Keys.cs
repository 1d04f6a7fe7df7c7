namespace Manzil.Tests.Faults;

// Key files, as an operator copies them from the first node to the next.
static class Keys
{
    public static string Statement(string data) => Path.Combine(data, "keys", "statement-key.pem");

    public static string Log(string data) => Path.Combine(data, "keys", "log-key.txt");

    public static string PublishedCheckpoint(string data) => Path.Combine(data, "keys", "published-checkpoint");

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.Combine(to, "keys"));
        File.Copy(Statement(from), Statement(to));
        File.Copy(Log(from), Log(to));
    }
}
