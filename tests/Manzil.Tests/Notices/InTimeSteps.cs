using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Manzil.Notices;
using NodaTime;
using NodaTime.Text;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Notices;

/// <summary>What a phone does that signs, written from docs/api.md; and what a receipt says of what was in time.</summary>
static class InTimeSteps
{
    public static (string Name, string Value)[] Sign(this ECDsa phone, Instant at, string key, byte[] body)
    {
        var signedAt = InstantPattern.ExtendedIso.Format(at);
        var text = $"manzil-notice-1\n{signedAt}\n{key}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
        return [("Manzil-Signed-At", signedAt), ("Manzil-Signature", Base64Url.EncodeToString(phone.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256)))];
    }

    public static async Task RecordKeyAsync(this TestService service, SignedInWorker worker, ECDsa phone)
    {
        var q = phone.ExportParameters(false).Q;
        using var answer = await service.PostJsonAsync(worker.Token, "/api/v1/sessions/key",
            $$$"""{"key":{"kty":"EC","crv":"P-256","x":"{{{Base64Url.EncodeToString(q.X)}}}","y":"{{{Base64Url.EncodeToString(q.Y)}}}","ext":true,"key_ops":["verify"]}}""");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    public static async Task<HttpResponseMessage> PostJsonAsync(this TestService service, string token, string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await service.Client.SendAsync(request);
    }

    /// <summary>But for the receipt with the address, which every confirmation names.</summary>
    public static IReadOnlyDictionary<string, string> Particulars(NoticeAnswer answer) => Record.Decode(answer.Record).Particulars.Remove(GiveNotice.Confirms);

    public static void AssertInTime(NoticeAnswer answer, string how, string sentAt, string deadline)
    {
        var said = Particulars(answer);
        Assert.Equal((how, sentAt, deadline), (said["in-time"], said["sent-at"], said["deadline"]));
    }
}
