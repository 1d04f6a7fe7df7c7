using System.Security.Cryptography;
using System.Text;
using Manzil.Cases.Files;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using NodaTime;

namespace Manzil.Cases.Mine;

/// <summary>What is wrong with what was sent; its text is <c>fault.{Reason}</c>.</summary>
/// <param name="File">Which file, from 1; null where it is the text, or all files together.</param>
public sealed record CaseFault(string Field, string Reason, int? File = null)
{
    public string InWords(Texts t) => File is { } number
        ? t["case-form.file-fault", ("number", number), ("fault", t[$"fault.{Reason}", FileLimits.Numbers])]
        : t[$"fault.{Reason}", FileLimits.Numbers];
}

/// <summary>What became of an answer or appeal.</summary>
public abstract record CaseSent
{
    public sealed record Done(ActResult.Accepted Receipt) : CaseSent;

    public sealed record Faulty(IReadOnlyList<CaseFault> Faults) : CaseSent;

    public sealed record Refused(Problem Problem) : CaseSent;

    public sealed record KeyUsed(ReceiptNumber Number) : CaseSent;

    public sealed record Busy : CaseSent;
}

/// <summary>Who sends an answer or appeal.</summary>
/// <param name="Worker">Whose case it is.</param>
/// <param name="Name">By which their files are counted, beside the same person at another door (<see cref="FilesInVain"/>).</param>
/// <param name="OnlyIn">The one case that a helper may act in.</param>
public sealed record CaseSender(long Worker, Actor Actor, string Name, long? OnlyIn = null)
{
    public static CaseSender Self(long worker) => new(worker, Actor.Worker, Uploads.Worker(worker));

    public static CaseSender AtDesk(long worker) => new(worker, Actor.Worker, $"desk for {Uploads.Worker(worker)}");

    /// <summary>All helpers of a worker are one here: a worker can name any number.</summary>
    public static CaseSender Helper(long worker, long? onlyIn) => new(worker, Actor.Helper, $"helpers of {Uploads.Worker(worker)}", onlyIn);
}

/// <summary>The one way in for an answer and an appeal: from the worker's page, a helper's page and the API.</summary>
public sealed class CaseForms(BatchWriter writer, Database database, FilesInVain inVain, CurrentRules current, Telling telling, IClock clock)
{
    public const int MaxText = 4000;

    // To clean a file takes a processor, and more memory than was sent (PdfBudget): so few at once, on half the cores.
    readonly SemaphoreSlim _cleaning = new(Math.Max(1, Environment.ProcessorCount / 2));

    public const string TextField = "Text", FilesField = "Files";

    // Of the pages and of the API alike.
    static readonly TypedMembers Fields = new((TextField, TextKind.Long));

    /// <param name="act">Answer or appeal.</param>
    /// <param name="files">As they came; they are cleaned here, before anything else sees them.</param>
    /// <param name="sent">When it was signed or turned away earlier, oldest first.</param>
    public async Task<CaseSent> SendAsync(
        CaseSender sender, CaseAct act, string? text, IReadOnlyList<byte[]> files, IdempotencyKey key, IReadOnlyList<SentEarlier> sent, RecordChannel channel)
    {
        var faults = new List<CaseFault>();
        var (words, wrong) = Fields.Of(TextField, text ?? "");
        if (wrong is not null) faults.Add(new(TextField, wrong));
        else if (words.Length == 0 && act == CaseAct.Answer) faults.Add(new(TextField, "answer-missing"));
        else if (words.EnumerateRunes().Count() > MaxText) faults.Add(new(TextField, "answer-too-long"));
        var attachments = new List<Attachment>();
        if (files.Count > CleanFile.MaxFiles) faults.Add(new(FilesField, "files-too-many"));
        var looked = Math.Min(files.Count, CleanFile.MaxFiles);
        var areTooMany = looked > 0 && !inVain.TryCount(sender.Name, looked);
        if (areTooMany)
        {
            // A phone that lost the answers to its own form sends it again and again: that it was done needs no file to be said.
            if (await FindEarlierAsync(key) is { } earlier) return new CaseSent.KeyUsed(earlier);
            faults.Add(new(FilesField, FileLimits.TooManyInVain));
        }

        for (var i = 0; i < looked && !areTooMany; i++)
        {
            try
            {
                attachments.Add(await CleanAsync(files[i], i + 1));
            }
            catch (FileRefusedException e)
            {
                faults.Add(new(FilesField, "file-" + NameOf(e.Fault), i + 1));
            }
        }

        if (faults.Count > 0) return new CaseSent.Faulty(faults);
        var hash = HashOf(act, words, attachments);
        var (rules, now) = (current.Now, clock.GetCurrentInstant());
        var (actor, worker, onlyIn) = (sender.Actor, sender.Worker, sender.OnlyIn);
        Act doing = act == CaseAct.Answer
            ? new AnswerCase(actor, words, attachments, rules, telling) { ReceivedAt = now, Channel = channel, WorkerId = worker, IdempotencyKey = key, ContentHash = hash, Sent = sent, OnlyIn = onlyIn }
            : new AppealRemoval(actor, words, attachments, rules, telling) { ReceivedAt = now, Channel = channel, WorkerId = worker, IdempotencyKey = key, ContentHash = hash, Sent = sent, OnlyIn = onlyIn };
        var result = await writer.SubmitAsync(doing);
        if (result is ActResult.Accepted { Repeated: false } or ActResult.Unavailable) inVain.TakeBack(sender.Name, looked);
        return result switch
        {
            ActResult.Accepted accepted => new CaseSent.Done(accepted),
            ActResult.Refused { Reason: var reason } when reason == CaseRefusal.ReasonMissing.Name() => new CaseSent.Faulty([new(TextField, "appeal-late")]),
            ActResult.Refused { Reason: var reason } when FileLimits.IsOf(reason) => new CaseSent.Faulty([new(FilesField, reason)]),
            ActResult.Refused refused => new CaseSent.Refused(CaseProblems.Of(refused.Reason)),
            ActResult.KeyUsed used => new CaseSent.KeyUsed(used.Number),
            _ => new CaseSent.Busy(),
        };
    }

    async Task<ReceiptNumber?> FindEarlierAsync(IdempotencyKey key)
    {
        await using var connection = await database.OpenAsync();
        return await KeyedActs.FindAsync(connection, null, key) is { } act ? ReceiptNumber.Parse(act.Number) : null;
    }

    async Task<Attachment> CleanAsync(byte[] file, int number)
    {
        await _cleaning.WaitAsync();
        try
        {
            return CleanFile.Attach(file, number);
        }
        finally
        {
            _cleaning.Release();
        }
    }

    /// <summary>What stands before anything is looked at: what is wrong with the text is said already, and of files that came too many bytes together.</summary>
    public static CaseSent.Faulty Unsent(HttpContext http) => new(Uploads.AreFilesLeftOut(http) ? [new(FilesField, FileLimits.TooLargeTogether)] : []);

    public static async Task<byte[]> ReadAsync(IFormFile file)
    {
        // One byte more than may be shows that it is too large.
        await using var stream = file.OpenReadStream();
        var bytes = new byte[(int)Math.Min(file.Length, CleanFile.MaxBytes + 1)];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    static byte[] HashOf(CaseAct act, string text, List<Attachment> attachments) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes($"{act}\n{attachments.Count}\n"), .. attachments.SelectMany(a => a.Sha256), .. Encoding.UTF8.GetBytes(text)]);

    static string NameOf(FileFault fault) =>
        string.Concat(fault.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
