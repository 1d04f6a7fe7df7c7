using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.SignIn;

namespace Manzil.Notices;

/// <summary>POST and GET /api/v1/notices (design §5).</summary>
public static class NoticeApi
{
    public const int IdempotencyKeyMax = 100;

    static readonly JsonEncodedText Number = JsonEncodedText.Encode("number"), Statement = JsonEncodedText.Encode("statement"),
        Qr = JsonEncodedText.Encode("qr"), Proof = JsonEncodedText.Encode("proof"), RecordName = JsonEncodedText.Encode("record"),
        NextDeadline = JsonEncodedText.Encode("nextDeadline");

    public static void MapNotices(this IEndpointRouteBuilder api)
    {
        // Resolved once: looking parts up in each request's own scope would be a cost of the write path.
        var services = api.ServiceProvider;
        var (writer, book, sessions) = (services.GetRequiredService<BatchWriter>(), services.GetRequiredService<NoticeBook>(), services.GetRequiredService<Sessions>());
        api.MapPost("/notices", (RequestDelegate)(http => PostAsync(http, writer, book, sessions))).WithTags("notices").ShortCircuit();
        api.MapGet("/notices", ListAsync).WithTags("notices");
        api.MapGet("/notices/{number}", GetAsync).WithTags("notices");
        api.MapGet("/notices/{number}/receipt.zip", ZipAsync).WithTags("notices");
    }

    static async Task PostAsync(HttpContext http, BatchWriter writer, NoticeBook book, Sessions sessions)
    {
        if (!writer.TryReserve())
        {
            await Busy.AnswerAsync(http);
            return;
        }

        try
        {
            await AnswerAsync(http, writer, book, sessions);
        }
        finally
        {
            writer.Release();
        }
    }

    static async Task AnswerAsync(HttpContext http, BatchWriter writer, NoticeBook book, Sessions sessions)
    {
        if (await ApiSession.RequireAsync(http, sessions) is not { } session) return;
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length is 0 or > IdempotencyKeyMax || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            await Problems.Result(http, NoticeProblems.IdempotencyKeyMissing).ExecuteAsync(http);
            return;
        }

        var faults = new List<(string Field, string Reason)>();
        if (await JsonBody.ReadAsync(http, NoticeJson.MaxBytes) is not { } body) return;
        if (NoticeJson.Parse(body, faults) is not { } notice)
        {
            await Problems.Result(http, Problems.Malformed, faults).ExecuteAsync(http);
            return;
        }

        // A correction can bring a departure forward: it needs what the departure itself needs.
        if (notice is Notice.Departure or Notice.Correction { On: not null } && !sessions.IsFresh(session))
        {
            await Problems.Result(http, SignInProblems.FreshSignInNeeded).ExecuteAsync(http);
            return;
        }

        var worker = await writer.FindWorkerAsync(session.WorkerId);
        var result = worker is null ? null : await book.GiveAsync(worker, notice, RecordChannel.Api, key);
        switch (result)
        {
            case ActResult.Accepted accepted:
                WriteReceipt(http, accepted, StatusCodes.Status201Created);
                break;
            case ActResult.Refused refused:
                await Problems.Result(http, NoticeProblems.Of(refused.Reason)).ExecuteAsync(http);
                break;
            case ActResult.KeyUsed used:
                await Problems.Result(http, NoticeProblems.IdempotencyKeyUsed, ("number", used.Number.ToString())).ExecuteAsync(http);
                break;
            case ActResult.Unavailable:
                await Busy.AnswerAsync(http);
                break;
            default:
                await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
                break;
        }
    }

    static async Task GetAsync(HttpContext http, string number, NoticeBook book)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        if (!ReceiptNumber.TryParse(number, null, out var parsed) || await book.FindAsync(session.WorkerId, parsed) is not { } act)
            await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
        else
            WriteReceipt(http, await book.ReceiptAsync(act), StatusCodes.Status200OK);
    }

    static async Task ZipAsync(HttpContext http, string number, NoticeBook book, ReceiptFiles files)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        if (!ReceiptNumber.TryParse(number, null, out var parsed) || await book.FindAsync(session.WorkerId, parsed) is not { } act)
        {
            await Problems.Result(http, NoticeProblems.NotFound).ExecuteAsync(http);
            return;
        }

        await files.SendAsync(http, await book.ReceiptAsync(act));
    }

    static async Task ListAsync(HttpContext http, NoticeBook book, Deliveries deliveries, NodaTime.IClock clock)
    {
        if (await ApiSession.RequireAsync(http) is not { } session) return;
        await deliveries.OpenedAsync(session.WorkerId, clock.GetCurrentInstant());
        var acts = await book.ListAsync(session.WorkerId);
        var replacedBy = acts.Where(a => a.Replaces is not null).ToDictionary(a => a.Replaces!, a => a.Number);
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("notices");
        foreach (var act in acts)
        {
            json.WriteStartObject();
            json.WriteString("number", act.Number);
            json.WriteString("kind", ((StatementKind)act.Kind).Name());
            json.WriteString("givenAt", NodaTime.Instant.FromUnixTimeMilliseconds(act.GivenAt).ToString());
            json.WriteString("effectiveFrom", act.EffectiveFrom);
            json.WriteString("nextDeadline", act.NextDeadline);
            json.WriteString("replaces", act.Replaces);
            json.WriteString("replacedBy", replacedBy.GetValueOrDefault(act.Number));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteReceipt(HttpContext http, ActResult.Accepted receipt, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        if (status == StatusCodes.Status201Created) http.Response.Headers.Location = $"/api/v1/notices/{receipt.Number}";
        var body = ReceiptJson(receipt);
        http.Response.ContentLength = body.WrittenCount;
        http.Response.BodyWriter.Write(body.WrittenSpan);
    }

    /// <summary>A receipt as the API answers with it (design §5).</summary>
    public static ArrayBufferWriter<byte> ReceiptJson(ActResult.Accepted receipt)
    {
        var body = new ArrayBufferWriter<byte>(2048);
        using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString(Number, receipt.Number.ToString());
        json.WriteString(Statement, Base64Url.EncodeToString(receipt.Statement));
        json.WriteString(Qr, QrText.FormatStatement(receipt.Statement));
        json.WriteString(Proof, receipt.Proof);
        json.WriteString(RecordName, Base64Url.EncodeToString(receipt.Record));
        json.WriteString(NextDeadline, IsoDate.Write(receipt.NextDeadline));
        json.WriteEndObject();
        json.Flush();
        return body;
    }
}
