using Manzil.Register;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Status;

/// <summary>/status, for everybody: the log, totals, and whether the service can write. No list of people, nothing by nationality.</summary>
public sealed class StatusPage(StatusFigures figures, BatchWriter writer, Jurisdiction rules) : PageModel
{
    /// <summary>Null where the database does not answer.</summary>
    public Figures? Figures { get; private set; }

    public bool CanWrite => Figures is not null && writer.Trouble is null;

    public Jurisdiction Rules => rules;

    public async Task OnGetAsync()
    {
        try
        {
            Figures = await figures.ReadAsync();
        }
        catch (Exception e) when (Database.IsUnavailable(e))
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }
}
