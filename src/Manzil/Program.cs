using System.CommandLine;
using Manzil.Deadlines;
using Manzil.Log;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Simulation;
using Manzil.Staff;

namespace Manzil;

public static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(Commands(), args);

    public static RootCommand Commands() => new("Manzil: tell a migration authority where you live, and hold the proof.")
    {
        ServeCommand.Create(),
        EnrolCommand.Create(),
        StaffCommand.Create(),
        VerifyCommand.Create(),
        new Command("log", "The public log: check it, or start it anew after a restored backup.") { AuditCommand.Create(), ReopenCommand.Create() },
        PrepareCommand.Create(),
        InventoryCommand.Create(),
        CalendarCommand.Create(),
        OutageCommand.Create(),
        SimulateCommand.Create(),
        HelpCommand.Create(),
    };
}
