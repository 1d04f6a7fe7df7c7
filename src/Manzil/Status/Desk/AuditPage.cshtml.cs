using Manzil.Deadlines;
using Manzil.Log;
using Manzil.Privacy;
using Manzil.Register;
using Manzil.Staff;

namespace Manzil.Status.Desk;

/// <summary>/staff/audit: what an auditor reads, all of it without people. The inventory is that of the command line, of the live database.</summary>
public sealed class AuditPage(Database database, LogTiles tiles, StatusFigures figures, CurrentRules current) : StaffPage
{
    /// <summary>Where the newest checkpoint of the log that is written now is read.</summary>
    public string Checkpoint { get; private set; } = "";

    public string Inventory { get; private set; } = "";

    /// <summary>Whether it and the database agree on every table and column.</summary>
    public bool IsComplete { get; private set; }

    public Figures Figures { get; private set; } = null!;

    public async Task OnGetAsync()
    {
        Figures = await figures.ReadAsync();
        var (text, problems) = InventoryCommand.Write(await InventoryCommand.ColumnsAsync(database), current.Now.Retention);
        Checkpoint = PublicLog.PathOf((await tiles.HeadAsync()).Log) + "/checkpoint";
        (Inventory, IsComplete) = (text, problems.Count == 0);
    }
}
