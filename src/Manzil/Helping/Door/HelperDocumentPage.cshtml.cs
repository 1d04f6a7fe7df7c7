using System.Globalization;
using Manzil.Cases.Mine;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Helping.Door;

/// <summary>A file of the worker's, for a helper who may see it; the look is written down first.</summary>
public sealed class HelperDocumentPage(CaseStories stories, Looks looks) : HelperPage
{
    public async Task<IActionResult> OnGetAsync(long id)
    {
        // Whether there is such a file, and of which case, says nothing about it.
        if (await stories.FindDocumentAsync(Worker.Id, id) is not { } found || (Only is { } only && found.Document.CaseId != only)) return NotFound();
        await looks.RecordHelperAsync(Grant.Name, Worker.Id, Looks.Document, id.ToString(CultureInfo.InvariantCulture), HelperLook.Reason(Grant, Worker));
        return File(found.Content, found.Document.MediaType, $"{found.Document.ActNumber}-{found.Document.Name}");
    }
}
