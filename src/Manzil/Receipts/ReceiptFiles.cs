using System.Net;
using System.Text;
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
        return new ReceiptFile(receipt.Statement, receipt.Record, receipt.Proof).Write(Page(receipt, record, texts), keys, record.IssuedAt);
    }

    /// <summary>The second code, with record and proof; null where they are too long for a printed code.</summary>
    public static string? SecondCode(ActResult.Accepted receipt) => QrText.FormatRecord(receipt.Record, TlogProof.Parse(receipt.Proof));

    // A file on its own: no service behind it, so its style stands in it.
    string Page(ActResult.Accepted receipt, Record record, Texts t)
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
            @page { size: A4; margin: 12mm }
            body { font: 10pt/1.3 system-ui, sans-serif; color: #000; background: #fff; max-width: 186mm; margin: 0 auto; padding: 8px }
            h1 { font-size: 18pt; margin: 0 }
            dl { display: grid; grid-template-columns: fit-content(35%) 1fr; gap: 1mm 5mm; margin: 0 0 4mm }
            dt { font-weight: 700 } dd { margin: 0; overflow-wrap: anywhere }
            .codes { display: flex; flex-wrap: wrap; gap: 6mm; align-items: flex-start }
            .first { width: 62mm } .second { width: 104mm } .first, .second { max-width: 100% }
            figure { margin: 0 } figure svg { width: 100%; height: auto; display: block }
            figcaption, p { margin: 0 0 2mm }
            @media print { body { padding: 0 } }
            </style>
            </head>
            <body>

            """);
        html.Append(Sheet(receipt, record, rules, t));
        html.Append("</body>\n</html>\n");
        return html.ToString();
    }

    /// <summary>The sheet itself, without a page around it: facts, both codes, how to check them.</summary>
    public static string Sheet(ActResult.Accepted receipt, Record record, Jurisdiction rules, Texts t)
    {
        var html = new StringBuilder();
        html.Append($"<h1>{E(t["receipt.sheet-title"])}</h1>\n<p>{E(rules.Authority.Name.In(t.Lang))}</p>\n<dl>\n");
        foreach (var (label, value) in ReceiptFacts.Of(record, rules, t)) html.Append($"<dt>{E(label)}</dt><dd>{E(value)}</dd>\n");
        html.Append("</dl>\n<div class=\"codes\">\n");
        html.Append($"<div class=\"first\"><figure>{QrSvg.Draw(QrText.FormatStatement(receipt.Statement), t["receipt.code-1"])}<figcaption>{E(t["receipt.code-1"])}</figcaption></figure>\n");
        // Beside the taller second code there is room for these, so that a long address still leaves one sheet.
        html.Append($"<p>{E(t["receipt.how-to-check"])}</p>\n<p>{E(t["receipt.not-yet-witnessed"])}</p></div>\n");
        if (SecondCode(receipt) is { } second)
            html.Append($"<figure class=\"second\">{QrSvg.Draw(second, t["receipt.code-2"])}<figcaption>{E(t["receipt.code-2"])}</figcaption></figure>\n");
        html.Append("</div>\n");
        return html.ToString();
    }

    static string E(string text) => WebUtility.HtmlEncode(text);
}
