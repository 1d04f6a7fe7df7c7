using System.Text;
using Manzil.Access;
using Manzil.Cases.Files;
using Manzil.Layout;
using Manzil.Log;
using Manzil.Register;
using Manzil.Rules;
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
    const int MaxTextLength = 8_000;
    const int MaxFieldLength = 60;

    public string? Text { get; private set; }
    public string? State { get; private set; }
    public string? Number { get; private set; }
    public DateEntry BirthDate { get; private set; } = new();
    public VerificationReport? Report { get; private set; }
    public Jurisdiction Rules => rules;

    public async Task<IActionResult> OnPostAsync()
    {
        if (await ReadFormAsync() is not { } form) return Page();
        Text = form["Text"];
        State = Short(form["State"]);
        Number = Short(form["Number"]);
        BirthDate = new DateEntry { Day = Short(form["BirthDate.Day"]), Month = Short(form["BirthDate.Month"]), Year = Short(form["BirthDate.Year"]) };
        var given = Given(form);
        var document = Document();
        if (given is null || !ModelState.IsValid) return Page();

        var keys = await KeysJson.ReadAsync(database);
        VerificationReport Verify() => ReceiptVerifier.Verify(given.Statement, given.Record, given.Proof, document, keys, clock.GetCurrentInstant());
        Report = document is null ? Verify() : await documents.InTurnAsync(Verify, HttpContext.RequestAborted);
        if (Report is not null) return Page();
        Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        Response.Headers.RetryAfter = "5";
        Wrong<object>("State", "verify.error.busy");
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
            return Wrong<VerifyForm>("File", "verify.error.too-large");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Wrong<VerifyForm>("File", "verify.error.too-large");
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException or (IOException and not BodyGaveWayException))
        {
            return Wrong<VerifyForm>("Text", "verify.error.unreadable");
        }
    }

    GivenReceipt? Given(VerifyForm form)
    {
        var hasText = !string.IsNullOrWhiteSpace(Text);
        if (hasText && (form.IsFileTooLarge || form.File is { Length: > 0 })) return Wrong<GivenReceipt>("Text", "verify.error.both");
        if (hasText) return Text!.Length > MaxTextLength ? Wrong<GivenReceipt>("Text", "verify.error.text") : FromText(Text);
        if (form.IsFileTooLarge) return Wrong<GivenReceipt>("File", "verify.error.too-large");
        return form.File is { } file ? FromFile(file) : Wrong<GivenReceipt>("Text", "verify.error.nothing");
    }

    GivenReceipt? FromText(string text)
    {
        // Base45 has spaces of its own, so only those before a text's prefix can go.
        text = string.Join('\n', text.Split('\n').Select(line => line.TrimStart()));
        var second = text.Contains(QrText.RecordPrefix, StringComparison.Ordinal);
        if (!text.Contains(QrText.StatementPrefix, StringComparison.Ordinal))
            return Wrong<GivenReceipt>("Text", second ? "verify.error.second-only" : "verify.error.text");
        return Read(Encoding.UTF8.GetBytes(text.TrimStart()), "Text", "verify.error.damaged");
    }

    GivenReceipt? FromFile(byte[] bytes)
    {
        const byte CoseSign1 = 0xd2;
        if (ReceiptFile.IsZip(bytes) || (bytes.Length > 0 && bytes[0] == CoseSign1)) return Read(bytes, "File", "verify.error.file-damaged");
        var head = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, MaxTextLength))).TrimStart('\uFEFF', ' ', '\r', '\n', '\t');
        return head.StartsWith("MNZ", StringComparison.Ordinal) && bytes.Length <= MaxTextLength
            ? Read(Encoding.UTF8.GetBytes(head), "File", "verify.error.file-damaged")
            : Wrong<GivenReceipt>("File", "verify.error.file");
    }

    GivenReceipt? Read(byte[] bytes, string field, string damaged)
    {
        try
        {
            return GivenReceipt.Of(bytes);
        }
        catch (UsageException)
        {
            return Wrong<GivenReceipt>(field, "verify.error.second-only");
        }
        catch (ReceiptFormatException)
        {
            return Wrong<GivenReceipt>(field, damaged);
        }
    }

    IdentityDocument? Document()
    {
        if (string.IsNullOrWhiteSpace(State) && string.IsNullOrWhiteSpace(Number) && BirthDate.IsEmpty) return null;
        var state = Plain(State);
        var number = Plain(Number);
        if (state.Length is < 1 or > 3 || !state.All(char.IsAsciiLetterUpper)) Wrong<object>("State", "verify.error.state");
        if (number.Length is < 1 or > 20 || !number.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c))) Wrong<object>("Number", "verify.error.number");
        if (!BirthDate.TryRead(texts.Lang, out var born) || born.Year > 2199) Wrong<object>("BirthDate", "verify.error.birth-date");
        return ModelState.IsValid ? new IdentityDocument(state, number, born) : null;
    }

    T? Wrong<T>(string field, string key) where T : class
    {
        ModelState.AddModelError(field, texts[key]);
        return null;
    }

    static string Plain(string? typed) => (typed ?? "").Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    static string? Short(string typed) => typed.Length > 0 ? typed[..Math.Min(typed.Length, MaxFieldLength)] : null;
}
