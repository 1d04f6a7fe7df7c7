using System.CommandLine;
using Manzil;
using Manzil.Deadlines;
using Manzil.Log;
using Manzil.Receipts;
using Manzil.Registrations;

var root = new RootCommand("Manzil: tell a migration authority where you live, and hold the proof.");
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(EnrolCommand.Create());
root.Subcommands.Add(VerifyCommand.Create());
root.Subcommands.Add(new Command("log", "The public log.") { AuditCommand.Create(), ReopenCommand.Create() });
root.Subcommands.Add(CalendarCommand.Create());
root.Subcommands.Add(HelpCommand.Create());
return await CommandLine.RunAsync(root, args);
