using System.Data.Common;
using Dapper;
using NodaTime;

namespace Manzil.Cases.Files;

/// <summary>
/// How much somebody may send in one case beside their words: whoever decides has to open every file first, and every file is kept
/// for years. The worker's own files and a helper's are counted apart. Words alone are never counted.
/// </summary>
public static class FileLimits
{
    public const int FilesADay = 10, FilesACase = 40, MegabytesADay = 30, MegabytesACase = 100;

    public const string TooManyADay = "files-day-limit", TooManyACase = "files-case-limit", TooManyInVain = "files-vain-limit", TooLargeTogether = "files-size-limit";

    const long Megabyte = 1024 * 1024;

    /// <summary>Of any 24 hours: a day that begins at midnight would be twice as long for who waits for it.</summary>
    static readonly Duration Day = Duration.FromDays(1);

    /// <summary>The numbers, for the texts that tell them.</summary>
    public static (string Name, object Value)[] Numbers => [("size", CleanFile.MaxMegabytes), ("day", FilesADay), ("daySize", MegabytesADay), ("case", FilesACase), ("caseSize", MegabytesACase), ("vain", FilesInVain.ADay)];

    public static bool IsOf(string refusal) => refusal is TooManyADay or TooManyACase or TooManyInVain or TooLargeTogether;

    /// <returns>Why the files may not come too; null where they may.</returns>
    internal static async Task<string?> RefuseAsync(DbConnection connection, DbTransaction transaction, long caseId, bool isHelper, IReadOnlyList<Attachment> more, Instant now)
    {
        if (more.Count == 0) return null;
        var (files, bytes, filesToday, bytesToday) = await connection.QuerySingleAsync<(long, long, long, long)>(
            """
            select count(*), cast(coalesce(sum(length(content)), 0) as bigint),
              cast(coalesce(sum(case when added_at > @since then 1 else 0 end), 0) as bigint),
              cast(coalesce(sum(case when added_at > @since then length(content) else 0 end), 0) as bigint)
            from attachment where case_id = @caseId and by_helper = @byHelper
            """,
            new { caseId, byHelper = isHelper ? 1 : 0, since = (now - Day).ToUnixTimeMilliseconds() }, transaction);
        var added = more.Sum(a => (long)a.Content.Length);
        if (files + more.Count > FilesACase || bytes + added > MegabytesACase * Megabyte) return TooManyACase;
        return filesToday + more.Count > FilesADay || bytesToday + added > MegabytesADay * Megabyte ? TooManyADay : null;
    }
}
