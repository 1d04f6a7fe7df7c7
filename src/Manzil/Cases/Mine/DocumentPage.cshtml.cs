using Manzil.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace Manzil.Cases.Mine;

/// <summary>A file of mine, as it is stored.</summary>
public sealed class DocumentPage(CaseStories stories) : WorkerPage
{
    public async Task<IActionResult> OnGetAsync(long id) =>
        await stories.FindDocumentAsync(Worker.Id, id) is { } found ? File(found.Content, found.Document.MediaType, $"{found.Document.ActNumber}-{found.Document.Name}") : NotFound();
}
