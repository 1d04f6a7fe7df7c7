using Manzil.Deadlines;
using Manzil.Log;
using Manzil.Privacy;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;

namespace Manzil.Status.Desk;

/// <summary>/staff/audit: what an auditor reads, all of it without people. The inventory is that of the command line, of the live database, in the reader's language.</summary>
public sealed class AuditPage(Database database, LogTiles tiles, StatusFigures figures, CurrentRules current) : StaffPage
{
    /// <summary>Where the newest checkpoint of the log that is written now is read.</summary>
    public string Checkpoint { get; private set; } = "";

    public LiveInventory Inventory { get; private set; } = null!;

    /// <summary>How long the rules that count now keep what.</summary>
    public Retention Retention { get; private set; } = null!;

    /// <summary>Whether inventory and database agree on every table and column.</summary>
    public bool IsComplete => Inventory.Problems.Count == 0;

    public Figures Figures { get; private set; } = null!;

    public async Task OnGetAsync()
    {
        Figures = await figures.ReadAsync();
        Inventory = LiveInventory.Of(await InventoryCommand.ColumnsAsync(database));
        Retention = current.Now.Retention;
        Checkpoint = PublicLog.PathOf((await tiles.HeadAsync()).Log) + "/checkpoint";
    }
}
