using System.Collections.Immutable;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Manzil.Deadlines;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;

namespace Manzil.SignIn;

/// <summary>
/// Whoever gets a worker's messages by mistake says so, and the phone or e-mail ends (kind 50): it gets nothing more, copies neither. The
/// worker is told by every other; where none is left, they are on their centre's list at once. Nothing counts against the worker
/// (docs/decisions/0057).
/// </summary>
public sealed class ChannelIsNotMine : Act
{
    public const string Change = "not-mine";

    readonly Channel _channel;
    readonly ReceivedSms? _sms;
    readonly Jurisdiction _rules;
    readonly Telling _telling;
    bool _isLast;

    /// <param name="sms">The SMS by which it was said; it is answered by SMS. Null where it was said on the page.</param>
    public ChannelIsNotMine(Channel channel, ReceivedSms? sms, Jurisdiction rules, Telling telling)
    {
        (_channel, _sms, _rules, _telling) = (channel, sms, rules, telling);
        ContentHash = SHA256.HashData("channel is not mine"u8);
    }

    public override IdempotencyKey? IdempotencyKey =>
        IdempotencyKey.OfService("change-channel", WorkerId, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_channel.Id} {Change}"));

    public override bool WritesOwnRows => true;

    public override Decision Decide(Worker? worker)
    {
        if (worker is null || !worker.Channels.Concat(worker.RemovedChannels).Any(c => c.Id == _channel.Id)) return Decision.Refuse("not-found");
        var others = worker with { Channels = [.. worker.Channels.Where(c => c.Id != _channel.Id)], RemovedChannels = [.. worker.RemovedChannels.Where(c => c.Id != _channel.Id)] };
        _isLast = others.Channels.Count == 0;
        return new Decision
        {
            Kind = StatementKind.ChannelChanged,
            Office = worker.Entry.Office ?? worker.Office,
            EffectiveFrom = _rules.DateOf(ReceivedAt),
            Particulars = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add("change", Change)
                .Add("channel", _channel.Kind)
                .Add("ending", _channel.Address[^3..]),
            Messages =
            [
                .. _telling.ToAllAndCopies(others, ReceivedAt, "message.channel-not-mine", ("name", worker.FirstName), ("channel", _channel.Masked), ("number", Number.ToString())),
                // The last one that comes there: whoever reads it may be the worker after all.
                _sms is null ? _telling.To(_channel, worker.Language, "message.not-mine-last", ("name", worker.FirstName))
                    : _telling.To(_sms.From, worker.Language, "message.sms-not-mine-done", ("name", worker.FirstName)),
            ],
        };
    }

    public override async Task WriteAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            "update channel set removed_at = coalesce(removed_at, @at), not_mine_at = @at where id = @Id and worker_id = @WorkerId and not_mine_at is null",
            new { _channel.Id, WorkerId, at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
        // What waits to go there goes nowhere.
        await connection.ExecuteAsync(
            "update message set failed_at = @at, failure = 'not theirs' where worker_id = @WorkerId and channel_kind = @Kind and address = @Address and sent_at is null and failed_at is null and (act_number is null or act_number <> @number)",
            new { WorkerId, _channel.Kind, _channel.Address, number = Number.ToString(), at = ReceivedAt.ToUnixTimeMilliseconds() }, transaction);
        // Nobody can write to them any more: the centre is to reach them, before the date and not after it.
        if (_isLast)
        {
            await connection.ExecuteAsync(
                "update register_entry set reminded = @ToBeReached where worker_id = @WorkerId and standing = @registered and departure_number is null and next_deadline is not null",
                new { Reminded.ToBeReached, WorkerId, registered = (int)Standing.Registered }, transaction);
        }

        if (_sms is not null) await IncomingSms.KeepAsync(connection, transaction, _sms.GatewayId, WorkerId, Number.ToString(), ReceivedAt);
    }
}
