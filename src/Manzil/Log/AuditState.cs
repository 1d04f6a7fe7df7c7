using System.Text;
using Manzil.Receipts;

namespace Manzil.Log;

/// <summary>The file in which an auditor keeps the last checkpoint that was found good.</summary>
static class AuditState
{
    internal static string? Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > SignedNote.MaxLength)
            {
                throw new UsageException($"The state file {path} is too long to be a checkpoint.");
            }

            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"The state file {path} cannot be read.");
        }
    }

    internal static void Write(string path, string checkpoint)
    {
        try
        {
            // Never half a file: without it the next audit would not notice a rewritten log.
            var whole = path + ".new";
            File.WriteAllText(whole, checkpoint);
            File.Move(whole, path, overwrite: true);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The state file {path} cannot be written.");
        }
    }
}
