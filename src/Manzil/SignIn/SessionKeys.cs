using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using NodaTime;
using NodaTime.Text;

namespace Manzil.SignIn;

/// <summary>
/// POST /api/v1/sessions/key: the public half of a key that stays on the phone. What the phone signs with it while it has no
/// network can count as in time (rules.md, Days); docs/api.md has the contract.
/// </summary>
public static class SessionKeys
{
    public const string SignedAtHeader = "Manzil-Signed-At", SignatureHeader = "Manzil-Signature";

    const int MaxBytes = 2048, SignatureBytes = 64, LongestInstant = 35;
    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    // What browsers add to a key they export.
    static readonly string[] Ignored = ["alg", "use", "kid", "ext", "key_ops"];

    public static async Task RecordAsync(HttpContext http)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        if (await JsonBody.ReadAsync(http, MaxBytes) is not { } body || await ApiSession.RequireAsync(http) is null) return;
        var faults = new List<(string Field, string Reason)>();
        if (Parse(body, faults) is not { } key)
        {
            await Problems.Result(http, Problems.Malformed, faults).ExecuteAsync(http);
            return;
        }

        var services = http.RequestServices;
        await using var connection = await services.GetRequiredService<Database>().OpenAsync();
        await connection.ExecuteAsync(
            """
            insert into session_key (token_hash, public_key, recorded_at) values (@TokenHash, @key, @now)
            on conflict (token_hash) do update set public_key = excluded.public_key, recorded_at = excluded.recorded_at
            """,
            new { session.TokenHash, key, now = services.GetRequiredService<IClock>().GetCurrentInstant().ToUnixTimeMilliseconds() });
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public static async Task<byte[]?> FindAsync(Database database, Session session)
    {
        await using var connection = await database.OpenAsync();
        return await connection.QuerySingleOrDefaultAsync<byte[]?>("select public_key from session_key where token_hash = @TokenHash", new { session.TokenHash });
    }

    /// <summary>The instant that a signature holds for.</summary>
    /// <param name="publicKey">As <see cref="FindAsync"/> gives it.</param>
    /// <param name="signedAt">The header's text, which is signed as it stands.</param>
    /// <param name="signature">ES256, r and s of 32 bytes each, in base64url.</param>
    /// <param name="key">The Idempotency-Key.</param>
    /// <param name="digest">SHA-256 of the body as it was sent.</param>
    /// <returns>Null where it does not hold.</returns>
    public static Instant? Verify(byte[] publicKey, string signedAt, string signature, string key, byte[] digest)
    {
        if (signedAt.Length > LongestInstant || InstantPattern.ExtendedIso.Parse(signedAt) is not { Success: true, Value: var at }) return null;
        if (signature.Length > SignatureBytes * 2 || !Base64Url.IsValid(signature, out var length) || length != SignatureBytes) return null;
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(publicKey, out _);
        return ecdsa.VerifyData(BytesToSign(signedAt, key, digest), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256) ? at : null;
    }

    /// <summary>Four lines, without a line end after the last.</summary>
    public static byte[] BytesToSign(string signedAt, string key, byte[] digest) =>
        Encoding.UTF8.GetBytes($"manzil-notice-1\n{signedAt}\n{key}\n{Convert.ToHexStringLower(digest)}");

    static byte[]? Parse(byte[] body, List<(string Field, string Reason)> faults)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return Read(document.RootElement, faults);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no valid UTF-16 once unescaped
        }

        faults.Add(("", "malformed-json"));
        return null;
    }

    static byte[]? Read(JsonElement root, List<(string Field, string Reason)> faults)
    {
        foreach (var member in root.EnumerateObject().Where(m => m.Name != "key")) faults.Add((Short(member.Name), "member-unknown"));
        if (!root.TryGetProperty("key", out var key)) faults.Add(("key", "member-missing"));
        else if (key.ValueKind != JsonValueKind.Object) faults.Add(("key", "member-wrong-type"));
        if (faults.Count > 0) return null;

        string? Text(string name) => key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        // A private half among them ("d") is not ours to know.
        foreach (var member in key.EnumerateObject().Where(m => m.Name is not ("kty" or "crv" or "x" or "y") && !Ignored.Contains(m.Name)))
            faults.Add((Short("key." + member.Name), "member-unknown"));
        if (faults.Count > 0) return null;
        if ((Text("kty"), Text("crv")) == ("EC", "P-256") && Coordinate(Text("x")) is { } x && Coordinate(Text("y")) is { } y)
        {
            try
            {
                return StatementKey.FromPoint(x, y).PublicKeyInfo;
            }
            catch (ReceiptFormatException)
            {
                // no such point
            }
        }

        faults.Add(("key", "key-malformed"));
        return null;
    }

    static byte[]? Coordinate(string? text) =>
        text is { Length: <= 50 } && Base64Url.IsValid(text, out var length) && length == 32 ? Base64Url.DecodeFromChars(text) : null;

    static string Short(string name) => name.Length > 60 ? name[..60] : name;
}
