using System.Security.Cryptography;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Log;

/// <summary>/.well-known/manzil/keys.json: every public key with which receipts of this installation are verified.</summary>
public static class KeysJson
{
    public static async Task<KeySet> ReadAsync(Database database)
    {
        var keys = (await Installation.ReadKeysAsync(database)).Select(k =>
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(k.PublicKey, out _);
            return new PublishedKey(StatementKey.FromPublicKey(key), At(k.ValidFrom)!.Value, At(k.ValidUntil), At(k.RevokedAt));
        });
        var logs = (await Installation.ReadLogsAsync(database)).Select(l =>
            new PublishedLog(NoteVerifier.Parse(l.VerifierKey), At(l.OpenedAt)!.Value, At(l.ClosedAt), l.LastCheckpoint));
        return new KeySet(keys, logs, []);
    }

    public static void MapKeys(this IEndpointRouteBuilder app) =>
        app.MapMethods("/.well-known/manzil/keys.json", LogPages.Reading, async (HttpContext http, Database database) =>
        {
            SecurityHeaders.ForEveryOrigin(http.Response);
            http.Response.Headers.CacheControl = "public, max-age=300";
            return Results.Bytes((await ReadAsync(database)).ToJson(), "application/json");
        });

    static Instant? At(long? milliseconds) => milliseconds is { } at ? Instant.FromUnixTimeSeconds(at / 1000) : null;
}
