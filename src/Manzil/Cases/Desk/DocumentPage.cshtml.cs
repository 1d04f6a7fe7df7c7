using System.Globalization;
using Dapper;
using Manzil.Register;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Manzil.Cases.Desk;

/// <summary>A document of the case as it was sent, after its look was written. It is shown in a box that can do nothing.</summary>
public sealed class DocumentPage(CaseDesk desk, Database database) : DeskPage(desk)
{
    const string Box = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    [FromRoute]
    public long Document { get; set; }

    string Item => Document.ToString(CultureInfo.InvariantCulture);

    public async Task<IActionResult> OnGetAsync()
    {
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        await using var connection = await database.OpenAsync();
        if (!Open.IsOpened(Looks.Document, Item))
            return await IsOfThisPersonAsync() ? LocalRedirect($"/staff/cases/{Open.File.Number}") : NotFound();
        if (await connection.QuerySingleOrDefaultAsync<(string, string, byte[])?>(
            "select name, media_type, content from attachment where id = @Document and worker_id = @WorkerId", new { Document, Open.File.WorkerId }) is not var (name, type, content)) return NotFound();
        // A browser shows pictures within the box; what it needs a program for is saved instead.
        var disposition = new ContentDispositionHeaderValue(type.StartsWith("image/", StringComparison.Ordinal) ? "inline" : "attachment");
        disposition.SetHttpFileName(name);
        Response.Headers.ContentDisposition = disposition.ToString();
        Response.Headers.ContentSecurityPolicy = Box;
        Response.Headers.XContentTypeOptions = "nosniff";
        Response.Headers.CacheControl = "no-store";
        return new FileContentResult(content, type);
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (await ReadAsync() is { } elsewhere) return elsewhere;
        if (!await IsOfThisPersonAsync()) return NotFound();
        await Desk.OpenItemAsync(Staff, Open, Looks.Document, Item);
        return LocalRedirect($"/staff/cases/{Open.File.Number}/documents/{Item}");
    }

    async Task<bool> IsOfThisPersonAsync()
    {
        await using var connection = await database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>(
            "select count(*) from attachment where id = @Document and worker_id = @WorkerId", new { Document, Open.File.WorkerId }) > 0;
    }
}
