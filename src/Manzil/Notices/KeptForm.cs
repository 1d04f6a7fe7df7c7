using System.Security.Cryptography;
using System.Text;
using Manzil.Layout;
using Manzil.Register;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.Notices;

/// <summary>
/// The form of a notice that was turned away, for the page that says so: everything typed stays, with the same idempotency
/// key, and a token that says when it was turned away. Needs neither script nor database.
/// </summary>
/// <param name="Path">Where it was sent, and is sent again.</param>
/// <param name="Fields">As they came, the guard against forged forms among them.</param>
/// <param name="Tokens">Null where the sender has no session, and then there is nobody for whom it could be in time.</param>
/// <param name="FirstAt">When it was turned away for the first time, as far as the tokens tell; null without them.</param>
public sealed record KeptForm(string Path, IReadOnlyList<(string Name, string Value)> Fields, string? Tokens, Instant? FirstAt)
{
    public const string TokensField = nameof(GivingPage.TurnedAway);

    const string GuardField = "__RequestVerificationToken";

    /// <summary>Call where a request ends with 503, before its endpoint and form are forgotten.</summary>
    public static async Task KeepAsync(HttpContext http)
    {
        var request = http.Request;
        if (!HttpMethods.IsPost(request.Method) || !request.HasFormContentType
            || http.GetEndpoint()?.Metadata.GetMetadata<CompiledPageActionDescriptor>() is not { } page
            || !page.ModelTypeInfo!.IsSubclassOf(typeof(GivingPage))) return;
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(http.RequestAborted);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException)
        {
            return;
        }

        var tokens = http.RequestServices.GetRequiredService<TurnedAwayTokens>();
        var now = http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant();
        var key = form[nameof(GivingPage.Key)].ToString();
        var session = AtDesk(request) ? http.RequestServices.GetRequiredService<StaffSessions>().HashOf(http)
            : http.RequestServices.GetRequiredService<WebSession>().TokenOf(http) is { } token ? Sessions.HashOf(token) : null;
        var content = ContentOf(form);
        var given = session is null ? null : tokens.Give(now, form[TokensField].ToString(), session, key, content);
        http.Features.Set(new KeptForm(
            (request.PathBase + request.Path).ToUriComponent(),
            [.. form.Where(f => f.Key != TokensField).SelectMany(f => f.Value, (f, value) => (f.Key, value ?? ""))],
            given,
            given is null ? null : tokens.Read(given, session!, key, content)[0]));
    }

    // What an officer's browser turned away is in time for the worker all the same: channels are equal.
    static bool AtDesk(HttpRequest request) => request.Path.StartsWithSegments("/staff");

    /// <summary>What was typed, to be seen; a date that cannot be read stands as it was typed.</summary>
    public IEnumerable<(string Label, string Value)> Typed(Texts t)
    {
        if (DateOf("From", t) is { } from) yield return (t["residence.from-label"], from);
        if (DateOf("On", t) is { } on) yield return (t["departure.on"], on);
        var address = string.Join(", ", AddressFields.Select(FieldOf).Where(v => v.Length > 0));
        if (address.Length > 0) yield return (t["receipt.address"], address);
    }

    static readonly string[] AddressFields = ["Postcode", "Locality", "Street", "Building", "Unit", "Note"];

    string FieldOf(string name) => Fields.FirstOrDefault(f => f.Name == name).Value ?? "";

    string? DateOf(string name, Texts t)
    {
        var typed = new DateEntry { Day = FieldOf($"{name}.Day"), Month = FieldOf($"{name}.Month"), Year = FieldOf($"{name}.Year") };
        return typed.IsEmpty ? null : typed.TryRead(t.Lang, out var date) ? Dates.InWords(date, t.Lang) : $"{typed.Day} {typed.Month} {typed.Year}";
    }

    /// <summary>SHA-256 of what was typed and pressed, the same when the kept form comes back.</summary>
    public static byte[] ContentOf(IFormCollection form)
    {
        var text = new StringBuilder();
        // Browsers write line ends as they like.
        foreach (var (name, values) in form.Where(f => f.Key is not (TokensField or GuardField)).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            foreach (var value in values.Prepend(name).Select(v => (v ?? "").ReplaceLineEndings("\n")))
                text.Append(value.Length).Append(':').Append(value).Append('|');
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
