using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Manzil.Messages;
using Manzil.Receipts;

namespace Manzil.Tests.SignIn;

/// <summary>What somebody does who signs in with the card and a code that is sent, on the pages and by program.</summary>
static partial class SentCodeSteps
{
    public const string CodePath = "/sign-in/code";

    public static Task<HttpResponseMessage> SendCodeAsync(this WebReader reader, string card, BirthDate born, string? back = null)
    {
        var fields = new Dictionary<string, string>
        {
            ["Card"] = card,
            ["BirthDate.Day"] = $"{born.Day}",
            ["BirthDate.Month"] = $"{born.Month}",
            ["BirthDate.Year"] = born.Year is { } year ? $"{year}" : "0000",
        };
        if (back is not null) fields["Return"] = back;
        return reader.SendAsync("/sign-in", fields, "/sign-in?handler=Send");
    }

    /// <summary>Asks, and waits until what there is to send was sent; the code, null where none was.</summary>
    public static async Task<string?> SentCodeAsync(this TestService service, WebReader reader, TestWorker worker)
    {
        var before = await NewestAsync(service);
        using var asked = await reader.SendCodeAsync(worker.CardNumber, worker.Document.BirthDate);
        Assert.Equal(CodePath + "?return=%2F", asked.Headers.Location?.OriginalString);
        return await CodeSinceAsync(service, before);
    }

    public static Task<HttpResponseMessage> EnterSentAsync(this WebReader reader, string code, bool remember = false, string? back = null)
    {
        var fields = new Dictionary<string, string> { ["Code"] = code };
        if (remember) fields["Remember"] = "yes";
        if (back is not null) fields["Return"] = back;
        return reader.SendAsync(CodePath, fields);
    }

    /// <summary>The same by program: the try, and the code where one was sent.</summary>
    public static async Task<(string Try, string? Code)> AskByProgramAsync(this TestService service, string cardNumber, BirthDate born)
    {
        var before = await NewestAsync(service);
        using var asked = await service.Client.PostAsJsonAsync("/api/v1/sessions/sent-code", new { cardNumber, birthDate = born.ToString() });
        Assert.Equal(System.Net.HttpStatusCode.Accepted, asked.StatusCode);
        var said = await asked.Content.ReadFromJsonAsync<JsonElement>();
        return (said.GetProperty("try").GetString()!, await CodeSinceAsync(service, before));
    }

    public static Task<HttpResponseMessage> EnterByProgramAsync(this TestService service, string token, string code) =>
        service.Client.PostAsJsonAsync("/api/v1/sessions/by-sent-code", new { @try = token, code });

    public static async Task<IReadOnlyList<Message>> MessagesAsync(this TestService service, string part) =>
        [.. (await Outbox.NewestAsync(service.Core.Database, 200)).Where(m => m.Body.Contains(part, StringComparison.Ordinal))];

    static async Task<string?> CodeSinceAsync(TestService service, long before)
    {
        await service.SettleAsync();
        return (await Outbox.NewestAsync(service.Core.Database, 50)).Where(m => m.Id > before).Select(m => EightDigits().Match(m.Body)).FirstOrDefault(m => m.Success)?.Value;
    }

    static async Task<long> NewestAsync(TestService service) => (await Outbox.NewestAsync(service.Core.Database, 1)).Select(m => m.Id).FirstOrDefault();

    [GeneratedRegex(@"(?<!\d)\d{8}(?!\d)", RegexOptions.None, 5000)]
    private static partial Regex EightDigits();
}
