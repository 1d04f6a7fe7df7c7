using Manzil.Rules;
using NodaTime;

namespace Manzil.Cases;

/// <summary>What was delivered since is looked at once an hour; days off that become known, in the same minute.</summary>
sealed class HourlyOrNewDaysOff
{
    static readonly Duration Between = Duration.FromHours(1);

    Jurisdiction? _seen;
    Instant _last = Instant.MinValue;

    public bool IsNow(Jurisdiction rules, Instant now) => !ReferenceEquals(rules, _seen) || now < _last || now - _last >= Between;

    public void IsDone(Jurisdiction rules, Instant now) => (_seen, _last) = (rules, now);
}
