using Dapper;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Deadlines;

/// <summary>
/// The rules with the outage days known so far, on which workers' deadlines are counted. Another node's outage is known
/// here within a minute; until then a deadline computed here is at most too early, and moves then.
/// </summary>
public sealed class CurrentRules(Jurisdiction rules)
{
    readonly Jurisdiction _rules = rules;
    volatile Jurisdiction _now = rules;
    IReadOnlyList<LocalDate> _outages = [];

    public Jurisdiction Now => _now;

    /// <summary>The outage days, oldest first.</summary>
    public IReadOnlyList<LocalDate> Outages => _outages;

    public async Task RefreshAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        var days = (await connection.QueryAsync<string>("select day from outage_day order by day")).Select(d => IsoDate.Read(d)!.Value).ToList();
        if (days.Count == _outages.Count) return;
        _now = _rules.WithOutages(days);
        _outages = days;
    }
}
