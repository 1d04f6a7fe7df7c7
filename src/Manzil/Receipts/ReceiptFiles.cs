using System.Net;
using System.Text;
using Dapper;
using Manzil.Layout;
using Manzil.Log;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.Receipts;

/// <summary>What a worker takes away: the zip of design §4, and the sheet of paper in it.</summary>
public sealed class ReceiptFiles(Database database, Jurisdiction rules)
{
    public async Task SendAsync(HttpContext http, ActResult.Accepted receipt)
    {
        var bytes = await ZipAsync(receipt, Texts.For(LanguageChoice.Of(http)));
        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"manzil-{receipt.Number}.zip\"";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    public async Task<byte[]> ZipAsync(ActResult.Accepted receipt, Texts texts)
    {
        var keys = (await KeysJson.ReadAsync(database)).ToJson();
        var record = Record.Decode(receipt.Record);
        return new ReceiptFile(receipt.Statement, receipt.Record, receipt.Proof).Write(Page(receipt, record, await ConfirmedAsync(record), texts), keys, record.IssuedAt);
    }

    /// <summary>The address that a confirmation of this service is about; null for everything else, and where it was erased.</summary>
    public async Task<RecordAddress?> ConfirmedAsync(Record record)
    {
        if (ReceiptFacts.ConfirmedBy(record) is not { } residence) return null;
        await using var connection = await database.OpenAsync();
        var told = await connection.ExecuteScalarAsync<byte[]?>("select record from act where number = @residence and worker_id = (select worker_id from act where number = @number)", new { residence = residence.ToString(), number = record.Number.ToString() });
        return told is { Length: > 0 } ? Record.Decode(told).Address : null;
    }

    /// <summary>The second code, with record and proof; null where they are too long for a printed code.</summary>
    public static string? SecondCode(ActResult.Accepted receipt) => QrText.FormatRecord(receipt.Record, TlogProof.Parse(receipt.Proof));

    // A file on its own: no service behind it, so its style stands in it.
    string Page(ActResult.Accepted receipt, Record record, RecordAddress? confirmed, Texts t)
    {
        var html = new StringBuilder();
        html.Append($$"""
            <!doctype html>
            <html lang="{{t.Lang}}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{E(t["receipt.sheet-title"])}} {{receipt.Number}}</title>
            <style>
            @page { size: A4; margin: 12mm; @bottom-right { content: "{{receipt.Number}}   " counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif } }
            body { font: 10pt/1.3 system-ui, sans-serif; color: #000; background: #fff; max-width: 186mm; margin: 0 auto; padding: 8px }
            h1 { font-size: 18pt; margin: 0 }
            dl { display: grid; grid-template-columns: fit-content(35%) 1fr; gap: 1mm 5mm; margin: 0 0 4mm }
            dt { font-weight: 700 } dd { margin: 0; overflow-wrap: anywhere }
            .codes { display: flex; flex-wrap: wrap; gap: 4mm 6mm; align-items: flex-start; break-inside: avoid }
            .first { width: 62mm } .second { width: 104mm } .first, .second { max-width: 100% } .check { flex: 1 1 100mm }
            figure { margin: 0 } figure svg { width: 100%; height: auto; display: block }
            figcaption, p { margin: 0 0 2mm }
            @media print { body { padding: 0 } }
            </style>
            </head>
            <body>

            """);
        html.Append(Sheet(receipt, record, confirmed, rules, t));
        html.Append("</body>\n</html>\n");
        return html.ToString();
    }

    /// <summary>The sheet itself, without a page around it: facts, codes, how to check them. The codes stay on one sheet with what is said of
    /// them; each carries its text, so that this very page can be checked as a file.</summary>
    public static string Sheet(ActResult.Accepted receipt, Record record, RecordAddress? confirmed, Jurisdiction rules, Texts t)
    {
        var (first, second) = (QrText.FormatStatement(receipt.Statement), SecondCode(receipt));
        var authority = rules.Authority;
        var html = new StringBuilder();
        html.Append($"<h1>{E(t["receipt.sheet-title"])}</h1>\n<p>{E(authority.Name.In(t.Lang))}</p>\n<dl>\n");
        foreach (var (label, value) in ReceiptFacts.Of(record, rules, t, confirmed)) html.Append($"<dt>{E(label)}</dt><dd dir=\"auto\">{E(value)}</dd>\n");
        html.Append("</dl>\n<div class=\"codes\">\n<div class=\"first\">");
        Code(html, first, t["receipt.code-1"]);
        html.Append($"<p>{E(t["receipt.questions", ("authority", authority.Name.In(t.Lang)), ("phone", authority.Phone), ("number", receipt.Number.ToString())])}</p>\n<p>{E(t["receipt.not-yet-witnessed"])}</p></div>\n");
        if (second is not null)
        {
            html.Append("<div class=\"second\">");
            Code(html, second, t["receipt.code-2"]);
            html.Append("</div>\n");
        }

        html.Append($"<p class=\"check\">{E(HowToCheck.Of(receipt.Statement, receipt.Number, second is null ? "receipt.how-to-check" : "receipt.how-to-check-both", t))}</p>\n</div>\n");
        return html.ToString();
    }

    static void Code(StringBuilder html, string text, string title) =>
        html.Append($"<figure data-text=\"{E(text)}\">{QrSvg.Draw(text, title)}<figcaption>{E(title)}</figcaption></figure>\n");

    /// <summary>How many sheets of A4 it takes at most, by the measures of the style above, in tenths of a millimetre, and letters of the widest kind.</summary>
    public static int Sheets(ActResult.Accepted receipt, Record record, RecordAddress? confirmed, Jurisdiction rules, Texts t)
    {
        const int page = 2730, head = 200, line = 46, gap = 10, letter = 23, label = 600, value = 1160, codesAlone = 1250, codesBoth = 1450;
        var text = head + ReceiptFacts.Of(record, rules, t, confirmed).Sum(fact => gap + line * Math.Max(Lines(fact.Label, label), Lines(fact.Value, value)));
        return text / page + (text % page + (SecondCode(receipt) is null ? codesAlone : codesBoth) > page ? 2 : 1);

        static int Lines(string text, int width) => text.Split('\n').Sum(part => 1 + part.Length * letter / width);
    }

    static string E(string text) => WebUtility.HtmlEncode(text);
}
