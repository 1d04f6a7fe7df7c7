using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Manzil.Receipts;

namespace Manzil.Register;

/// <summary>
/// The key by which a repeated request is known again. It belongs to whoever files and to the door they come by: the same text from
/// somebody else, or by another door, is another key, and the keys that the program makes for its own acts are out of every client's
/// reach (docs/decisions/0036-keys-belong-to-the-filer.md).
/// </summary>
public sealed record IdempotencyKey
{
    /// <summary>How long a text a program may send.</summary>
    public const int MaxLength = 100;

    /// <summary>True, in SQL, of a stored key that is not a worker's own: the second unique index holds these alone.</summary>
    public const string IsOfOthers = $"substr(idempotency_key, 1, 7) <> '{OwnPrefix}'";

    const string OwnPrefix = "worker/";
    const int MaxShown = 30;

    IdempotencyKey(string filer, string id, string door, string text, long? worker)
    {
        Worker = worker;
        IsServices = filer == "service";
        // A zero byte ends each part, so that no two keys are the same bytes: neither a filer nor a door can hold one.
        var shown = filer is ("officer" or "helper") && id.Length <= MaxShown ? $"{filer}/{id}" : filer;
        Stored = $"{shown}/{door}/{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{filer}\0{id}\0{door}\0{text}")))}";
    }

    /// <summary>The worker whose own key it is; null where somebody else files. The database keeps these unique for each worker.</summary>
    public long? Worker { get; }

    /// <summary>True where the program made it: that such a key was used for something else is a fault of the program.</summary>
    public bool IsServices { get; }

    /// <summary>What stands in the database: who files (an officer by number) and by which door, and SHA-256 of all of it with the text, which a client wrote.</summary>
    public string Stored { get; }

    /// <summary>A worker's own, from a page, a program or an SMS.</summary>
    public static IdempotencyKey OfWorker(long worker, RecordChannel door, string text) => new("worker", Id(worker), DoorName(door), text, worker);

    public static IdempotencyKey OfOfficer(string staffNumber, string text) => new("officer", staffNumber, DoorName(RecordChannel.Desk), text, null);

    /// <param name="grant">The helper grant under which the helper came.</param>
    /// <param name="text">The form's.</param>
    public static IdempotencyKey OfHelper(long grant, string text) => new("helper", Id(grant), DoorName(RecordChannel.Web), text, null);

    /// <summary>One that the program makes, for what can be done once only: two taps are then one act.</summary>
    /// <param name="what">The act.</param>
    /// <param name="worker">Whom it concerns.</param>
    /// <param name="text">What it is done to.</param>
    public static IdempotencyKey OfService(string what, long? worker, string text) => new("service", $"{what} {(worker is { } id ? Id(id) : "-")}", "own", text, null);

    /// <summary>A new text for a form that is shown for the first time.</summary>
    public static string New() => Guid.NewGuid().ToString("N");

    /// <summary>Whether a form's text can be one that <see cref="New"/> made.</summary>
    public static bool IsFromForm([NotNullWhen(true)] string? text) => Guid.TryParseExact(text, "N", out _);

    /// <summary>Whether a program's header is 1 to <see cref="MaxLength"/> visible characters of ASCII.</summary>
    public static bool IsFromHeader(string text) => text.Length is > 0 and <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    static string DoorName(RecordChannel door) => door switch
    {
        RecordChannel.Web => "web",
        RecordChannel.Api => "api",
        RecordChannel.Desk => "desk",
        RecordChannel.Sms => "sms",
        _ => "operator",
    };
}
