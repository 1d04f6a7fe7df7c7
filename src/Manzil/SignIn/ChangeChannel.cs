using System.Collections.Immutable;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.SignIn;

/// <summary>
/// The act by which a confirmed phone or e-mail begins to count, or stops to. All others are told; a removed one gets
/// copies for some days more, so that a thief cannot silence its owner.
/// </summary>
public sealed class ChangeChannel : Act
{
    readonly Channel _channel;
    readonly bool _added;
    readonly Jurisdiction _rules;
    readonly Telling _telling;
    readonly Actor? _officer;

    public ChangeChannel(Channel channel, bool added, Jurisdiction rules, Telling telling, Actor? officer = null)
    {
        (_channel, _added, _rules, _telling, _officer) = (channel, added, rules, telling, officer);
        ContentHash = SHA256.HashData("channel changed"u8);
    }

    // The same channel is added once and removed once: a form sent twice finds its first receipt.
    public override IdempotencyKey? IdempotencyKey =>
        IdempotencyKey.OfService("change-channel", WorkerId, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_channel.Id} {Change}"));

    string Change => _added ? "added" : "removed";

    public override bool WritesOwnRows => true;

    public override Decision Decide(Worker? worker)
    {
        if (worker is null || worker.Channels.Any(c => c.Id == _channel.Id) == _added) return Decision.Refuse("not-found");
        return new Decision
        {
            Kind = StatementKind.ChannelChanged,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = _rules.DateOf(ReceivedAt),
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add("change", Change)
                .Add("channel", _channel.Kind)
                .Add("ending", _channel.Address[^3..])
                .AddRange(OfficersOwn.Particulars(_officer)),
            Messages = _telling.ToAllAndCopies(
                worker, ReceivedAt, _added ? "message.channel-added" : "message.channel-removed",
                ("name", worker.FirstName), ("channel", _channel.Masked), ("number", Number.ToString())),
        };
    }

    public override Task WriteAsync(DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            _added
                ? "update channel set confirmed_at = @at where id = @Id and worker_id = @WorkerId and confirmed_at is null"
                : "update channel set removed_at = @at where id = @Id and worker_id = @WorkerId and removed_at is null",
            new { _channel.Id, WorkerId, at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
}
