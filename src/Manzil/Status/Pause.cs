using System.Data.Common;
using Dapper;
using Manzil.Log;
using Manzil.Receipts;
using NodaTime;

namespace Manzil.Status;

/// <summary>An act about removals as everybody can read it in the log.</summary>
public sealed record PublicAct(int Log, long Leaf, Instant At, Record Record)
{
    public string Path => $"{PublicLog.PathOf(Log)}/statements/{Leaf}";
}

/// <summary>A time in which nobody proposed, agreed to or put in effect a removal (kinds 42 and 43), newest first.</summary>
public sealed record Pause(PublicAct Start, PublicAct? Lift)
{
    public string Appeals => Start.Record.Particulars["appeals"];

    public string Reversed => Start.Record.Particulars["reversed"];

    public static async Task<IReadOnlyList<Pause>> ListAsync(DbConnection connection)
    {
        var pauses = await connection.QueryAsync<(string Start, string? Lift)>("select act_number, lifted_act from removal_pause order by started_at desc, act_number");
        var list = new List<Pause>();
        foreach (var (start, lift) in pauses) list.Add(new Pause(await ActAsync(connection, start), lift is null ? null : await ActAsync(connection, lift)));
        return list;
    }

    static async Task<PublicAct> ActAsync(DbConnection connection, string number)
    {
        var (log, leaf, at, record) = await connection.QuerySingleAsync<(int Log, long Leaf, long At, byte[] Record)>(
            "select log, leaf, given_at, record from act where number = @number", new { number });
        return new PublicAct(log, leaf, Instant.FromUnixTimeMilliseconds(at), Record.Decode(record));
    }
}
