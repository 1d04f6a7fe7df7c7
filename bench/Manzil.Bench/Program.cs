using Manzil.Bench;

// bench/run gives the folders and the PostgreSQL it started; people write only what stands before them.
return args switch
{
    ["write", .. var rest] => await WriteBench.RunAsync(WriteOptions.Read(rest)),
    ["floor", .. var rest] => await FloorBench.RunAsync(WriteOptions.Read(rest)),
    ["compare", var other, .. var rest] => await CompareBench.RunAsync(WriteOptions.Read(rest), other, [.. rest.Where(a => a.StartsWith("DOTNET_", StringComparison.Ordinal))]),
    ["verify"] => VerifyBench.Run(),
    ["parts", var rules] => PartsBench.Run(rules),
    ["calendar", var rules] => CalendarBench.Run(rules),
    ["guessing", var server, var folder] => await GuessingBench.RunAsync(server, folder),
    ["sweep", .. var rest] => await SweepBench.RunAsync(SweepOptions.Read(rest)),
    ["queue", .. var rest] => await QueueBench.RunAsync(SweepOptions.Read(rest)),
    ["bare", var answer] => await BareServer.RunAsync(int.Parse(answer, System.Globalization.CultureInfo.InvariantCulture)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("bench/run write [postgres|sqlite] [--rounds N] [--seconds N] [--connections 64,256] | bench/run verify | bench/run parts | bench/run floor | bench/run compare OTHER | bench/run calendar | bench/run guessing | bench/run sweep [postgres|sqlite] [--people 500000,5000000] [--due N] [--rounds N] | bench/run queue [postgres|sqlite] [--cases 1000,100000] [--rounds N]");
    return 2;
}
