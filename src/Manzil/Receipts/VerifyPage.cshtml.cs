using Manzil.Access;
using Manzil.Cases.Files;
using Manzil.Layout;
using Manzil.Log;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Typing;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.Receipts;

/// <summary>
/// /verify: what a receipt proves, for anybody. Nothing is written: no row, no cookie, no temporary file. The form changes
/// nothing, so it needs no token, which would be a cookie.
/// </summary>
[IgnoreAntiforgeryToken(Order = 1001)]
[RequestSizeLimit(MaxRequestBytes)]
public sealed class VerifyPage(Texts texts, Database database, Jurisdiction rules, DocumentChecks documents, IClock clock) : PageModel, IReadsOwnForm
{
    // What is longer than a receipt is read over, not cut off: a browser shows no answer while it still sends.
    const int MaxRequestBytes = 32 * 1024 * 1024;
    const int MaxFormBytes = ReceiptFile.MaxBytes + 1024 * 1024;

    // A receipt's text is copied, not typed.
    static readonly TypedMembers Fields = new((nameof(Text), TextKind.Made), (nameof(State), TextKind.Number), (nameof(Number), TextKind.Number));

    public string? Text { get; private set; }
    public string? State { get; private set; }
    public string? Number { get; private set; }
    public DateEntry BirthDate { get; private set; } = new();

    /// <summary>What was found, receipt by receipt; empty where nothing was checked.</summary>
    public IReadOnlyList<VerificationReport> Reports { get; private set; } = [];

    /// <summary>Why what was handed over could not be read: then there is no report.</summary>
    public Unread? Unread { get; private set; }

    /// <summary>The first text, where that alone could be read.</summary>
    public string? First { get; private set; }

    public Jurisdiction Rules => rules;

    public async Task<IActionResult> OnPostAsync()
    {
        if (await ReadFormAsync() is not { } form) return Page();
        Text = Fields.Of(nameof(Text), form["Text"]).Text;
        State = Typed(form["State"]);
        Number = Typed(form["Number"]);
        BirthDate = new DateEntry { Day = Typed(form["BirthDate.Day"]), Month = Typed(form["BirthDate.Month"]), Year = Typed(form["BirthDate.Year"]), NotShown = Typed(form["BirthDate.NotShown"]) };
        // Asked for in another language: shown again with what was typed, and nothing is checked.
        if (LanguageChoice.IsAsked(Request)) return Page();
        var document = Document();
        var keys = await KeysJson.ReadAsync(database);
        try
        {
            if (Given(form, keys) is not { } given || !ModelState.IsValid) return Page();
            IReadOnlyList<VerificationReport> Verify() => VerificationReport.Together(
                [.. given.Select(receipt => ReceiptVerifier.Verify(receipt.Statement, receipt.Record, receipt.Proof, document, keys, clock.GetCurrentInstant()))]);
            if ((document is null ? Verify() : await documents.InTurnAsync(Verify, HttpContext.RequestAborted)) is not { } reports)
            {
                Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                Response.Headers.RetryAfter = "5";
                Wrong<object>("State", "verify.error.busy");
                return Page();
            }

            var unread = reports.ToList().FindIndex(report => report.Outcome == ReceiptOutcome.Unread);
            if (unread >= 0) throw GivenReceipt.UnreadOf(reports[unread], given[unread]);
            Reports = reports;
        }
        catch (UnreadException unread)
        {
            (Unread, First) = (unread.Why, unread.First);
        }

        return Page();
    }

    async Task<VerifyForm?> ReadFormAsync()
    {
        if (!Request.HasFormContentType) return Wrong<VerifyForm>("Text", "verify.error.nothing");
        try
        {
            if (Request.ContentLength is not > MaxFormBytes) return await VerifyForm.ReadAsync(Request, MaxFormBytes, HttpContext.RequestAborted);
            // Of what is too large nothing is held while it is read over.
            await (Request.Body is ArrivingBodies.Body counted ? counted.ReadOverAsync(HttpContext.RequestAborted) : Request.Body.CopyToAsync(Stream.Null, HttpContext.RequestAborted));
            Unread = Manzil.Unread.TooLarge;
            return null;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            Unread = Manzil.Unread.TooLarge;
            return null;
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException or (IOException and not BodyGaveWayException))
        {
            return Wrong<VerifyForm>("Text", "verify.error.unreadable");
        }
    }

    IReadOnlyList<GivenReceipt>? Given(VerifyForm form, KeySet keys)
    {
        var hasText = !string.IsNullOrWhiteSpace(Text);
        if (hasText && (form.IsFileTooLarge || form.File is { Length: > 0 })) return Wrong<IReadOnlyList<GivenReceipt>>("Text", "verify.error.both");
        if (!hasText && !form.IsFileTooLarge && form.File is null) return Wrong<IReadOnlyList<GivenReceipt>>("Text", "verify.error.nothing");
        // What is wrong with the document is said first, and nothing is read in vain.
        if (!ModelState.IsValid) return null;
        if (hasText) return GivenReceipt.OfText(Text!, keys);
        return GivenReceipt.All(form.File ?? throw new UnreadException(Manzil.Unread.TooLarge), keys);
    }

    IdentityDocument? Document()
    {
        if (string.IsNullOrWhiteSpace(State) && string.IsNullOrWhiteSpace(Number) && BirthDate.IsEmpty) return null;
        var state = Plain(nameof(State), State);
        var number = Plain(nameof(Number), Number);
        if (state.Length is < 1 or > 3 || !state.All(char.IsAsciiLetterUpper)) Wrong<object>("State", "verify.error.state");
        if (number.Length is < 1 or > 20 || !number.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c))) Wrong<object>("Number", "verify.error.number");
        var born = this.ReadBirthDate("BirthDate", BirthDate, texts, isTicked: true);
        return ModelState.IsValid ? new IdentityDocument(state, number, born!) : null;
    }

    T? Wrong<T>(string field, string key) where T : class
    {
        ModelState.AddModelError(field, texts[key]);
        return null;
    }

    static string Plain(string field, string? typed) => Fields.Of(field, typed ?? "").Text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    // What is too long comes back whole, with an error beside it.
    static string? Typed(string typed) => typed.Length > 0 ? typed : null;
}
