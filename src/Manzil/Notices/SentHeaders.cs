using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Notices;

/// <summary>The headers by which a program says that what it sends was signed, or turned away, before (docs/api.md): of a notice, an answer and an appeal.</summary>
static class SentHeaders
{
    /// <summary>Puts a token into an answer of 503; nothing where there is no session or key that it could hold for.</summary>
    /// <param name="content">What else it holds for, as <see cref="ReadAsync"/> is told.</param>
    public static void TurnAway(HttpContext http, TurnedAwayTokens tokens, IClock clock, string key, byte[] content)
    {
        if (!IdempotencyKey.IsFromHeader(key) || Sessions.HashOf(ApiSession.TokenOf(http).Span) is not { } session) return;
        http.Response.Headers[TurnedAwayTokens.Header] =
            tokens.Give(clock.GetCurrentInstant(), http.Request.Headers[TurnedAwayTokens.Header].ToString(), session, key, content);
    }

    /// <summary>When the phone signed it, and when it was turned away, where the request says so.</summary>
    /// <param name="content">What a token holds for.</param>
    /// <param name="digest">SHA-256 of the body, which a phone signs.</param>
    /// <returns>Null where a signature does not hold, and then that has been answered: it would otherwise be lost in silence.</returns>
    public static async Task<IReadOnlyList<SentEarlier>?> ReadAsync(
        HttpContext http, Database database, TurnedAwayTokens tokens, Session session, string key, byte[] content, byte[] digest)
    {
        var headers = http.Request.Headers;
        var (signedAt, signature, carried) = (headers[SessionKeys.SignedAtHeader], headers[SessionKeys.SignatureHeader], headers[TurnedAwayTokens.Header]);
        if (signedAt.Count + signature.Count + carried.Count == 0) return [];
        var sent = new List<SentEarlier>();
        if (signedAt.Count + signature.Count > 0)
        {
            if (await SessionKeys.FindAsync(database, session) is not { } publicKey)
            {
                await Problems.Result(http, NoticeProblems.SessionKeyMissing).ExecuteAsync(http);
                return null;
            }

            if (SessionKeys.Verify(publicKey, signedAt.ToString(), signature.ToString(), key, digest) is not { } at)
            {
                await Problems.Result(http, NoticeProblems.SignatureWrong).ExecuteAsync(http);
                return null;
            }

            sent.Add(new SentEarlier(SentBefore.Signed, at));
        }

        sent.AddRange(tokens.Read(carried.ToString(), session.TokenHash, key, content).Select(at => new SentEarlier(SentBefore.TurnedAway, at)));
        return sent;
    }
}
