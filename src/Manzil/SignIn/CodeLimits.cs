using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>What a code is sent for. Each is counted apart, so that what strangers ask for takes nothing from who is signed in.</summary>
/// <param name="ADay">How many go to one phone or address within a day.</param>
public sealed record CodePurpose(string Name, int ADay)
{
    public static readonly CodePurpose SignedIn = new("signed-in", 10), NewChannel = new("new-channel", 5), BackIn = new("back-in", 5), ByCard = new("by-card", 5);
}

/// <summary>What became of a code that was to be sent.</summary>
public enum CodeSending
{
    Sent,

    /// <summary>One was sent less than a minute ago.</summary>
    Lately,

    /// <summary>There is no phone or address to send it to.</summary>
    NoChannel,

    /// <summary>Each of them got as many as it may within a day.</summary>
    TooMany,
}

/// <summary>A daily limit of codes for each phone and address, whoever's it is, so that nobody can be flooded with them.</summary>
public static class CodeLimits
{
    static readonly Duration Day = Duration.FromHours(24);

    public static Task EraseAsync(DbConnection connection, Instant now) =>
        connection.ExecuteAsync("delete from code_count where first_at <= @before", new { before = (now - Day).ToUnixTimeMilliseconds() });

    /// <summary>Counts a code to each channel that may still get one.</summary>
    /// <returns>Those channels.</returns>
    public static async Task<IReadOnlyList<Channel>> CountAsync(
        DbConnection connection, DbTransaction transaction, CodePurpose purpose, IEnumerable<Channel> channels, Instant now)
    {
        var allowed = new List<Channel>();
        // In one order, so that two who count the same addresses never wait for each other.
        foreach (var channel in channels.OrderBy(c => c.Address, StringComparer.Ordinal))
        {
            var counted = await connection.ExecuteAsync(
                """
                insert into code_count (address_hash, purpose, first_at, sent) values (@hash, @Name, @now, 1)
                on conflict (address_hash, purpose) do update set
                  sent = case when code_count.first_at <= @before then 1 else code_count.sent + 1 end,
                  first_at = case when code_count.first_at <= @before then @now else code_count.first_at end
                where code_count.first_at <= @before or code_count.sent < @ADay
                """,
                new
                {
                    hash = HashOf(channel),
                    purpose.Name,
                    purpose.ADay,
                    now = now.ToUnixTimeMilliseconds(),
                    before = (now - Day).ToUnixTimeMilliseconds(),
                },
                transaction);
            if (counted == 1) allowed.Add(channel);
        }

        return allowed;
    }

    /// <summary>Takes one back from each: a code that was used flooded nobody, and whoever signs in often must not run out of codes.</summary>
    public static async Task GiveBackAsync(DbConnection connection, DbTransaction transaction, CodePurpose purpose, IEnumerable<Channel> channels)
    {
        foreach (var channel in channels.OrderBy(c => c.Address, StringComparer.Ordinal))
        {
            await connection.ExecuteAsync(
                "update code_count set sent = sent - 1 where address_hash = @hash and purpose = @Name and sent > 0",
                new { hash = HashOf(channel), purpose.Name }, transaction);
        }
    }

    static byte[] HashOf(Channel channel) => SHA256.HashData(Encoding.UTF8.GetBytes(channel.Address.ToLowerInvariant()));
}
