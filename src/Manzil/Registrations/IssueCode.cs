using System.Data.Common;
using Dapper;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Registrations;

/// <summary>
/// The act by which a centre lets somebody back in whose document it has seen: a new activation code, which ends the one
/// before. A card that was lost counts again; with a new card, its number takes the old one's place.
/// </summary>
/// <param name="office">Code of the centre.</param>
/// <param name="newCard">The new card's number; null where the worker keeps the card.</param>
/// <param name="endsSessions">Whether all sessions of the worker end.</param>
/// <param name="rules">How long the code lives, and whose date it is.</param>
/// <param name="telling">Words the messages.</param>
public sealed class IssueCode(string office, string? newCard, bool endsSessions, Jurisdiction rules, Telling telling)
    : RestoreAccess(AtCentre, endsSessions, rules, telling)
{
    readonly Jurisdiction _rules = rules;
    readonly ActivationCodes.Made _code = new();

    /// <summary>The clerk who gives it out; null where the command line does.</summary>
    public Actor? Officer { get; init; }

    /// <summary>The code for the slip; there once the act was accepted.</summary>
    public string ActivationCode { get; private set; } = "";

    public Instant CodeExpires => ReceivedAt + Duration.FromDays(_rules.Intervals.ActivationCodeDays);

    public override string RefusalOfConflict => "card-known";

    protected override string OfficeOf(Worker worker) => office;

    protected override IEnumerable<(string Name, string Value)> ParticularsOf(Worker worker)
    {
        yield return (Card, newCard ?? worker.CardNumber);
        if (newCard is not null && newCard != worker.CardNumber) yield return (CardBefore, worker.CardNumber);
        foreach (var (name, value) in OfficersOwn.Particulars(Officer)) yield return (name, value);
    }

    protected override async Task WriteRowsAsync(DbConnection connection, DbTransaction transaction)
    {
        if (newCard is not null)
            await connection.ExecuteAsync("update worker set card_number = @newCard where id = @WorkerId", new { newCard, WorkerId }, transaction);
        ActivationCode = await ActivationCodes.IssueAsync(connection, transaction, WorkerId!.Value, CodeExpires, new KeyedCodes(Installation!), _code);
    }
}
