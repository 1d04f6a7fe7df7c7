using System.CommandLine;

namespace Manzil.Register;

/// <summary>manzil database prepare: makes or upgrades the schema on PostgreSQL as its owner, so that the service need not be the owner.</summary>
public static class PrepareCommand
{
    public static Command Create()
    {
        var where = new Option<string>("--database") { Description = "postgres://owner@host/name: as the role that owns the database.", HelpName = "URL", Required = true };
        var role = new Option<string>("--role") { Description = "The role as which the service runs; it must own nothing.", HelpName = "ROLE", Required = true };
        var movable = new Option<bool>("--movable-clock") { Description = "For the demo and the simulation alone, on an empty database: its clock may be moved by hand." };
        var command = new Command("prepare", "Make or upgrade the tables on PostgreSQL as their owner, and let the service's role use them.") { where, role, movable };
        command.SetAction(async (parsed, cancellation) =>
        {
            var service = parsed.GetRequiredValue(role);
            if (parsed.GetRequiredValue(where) == "sqlite") throw new CommandLineException("SQLite has no roles, and 'manzil serve' makes its file: only PostgreSQL is prepared.");
            await using var database = Database.At(parsed.GetRequiredValue(where), "");
            try
            {
                await ServiceRole.PrepareAsync(database, service, CommandLine.Clock.GetCurrentInstant(), parsed.GetValue(movable));
            }
            catch (Exception e) when (e is not CommandLineException && Database.IsUnavailable(e))
            {
                throw new CommandLineException($"The database cannot be prepared: {e.Message.ReplaceLineEndings(" ")}", 1);
            }

            parsed.InvocationConfiguration.Output.WriteLine($"The tables are those of this version, and {service} may use them.");
            return 0;
        });
        return new Command("database", "The database's tables, where PostgreSQL keeps them.") { command };
    }
}
