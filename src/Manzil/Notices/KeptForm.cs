using System.Security.Cryptography;
using System.Text;
using Manzil.Access;
using Manzil.Cases.Files;
using Manzil.Helping;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace Manzil.Notices;

/// <summary>A page whose form comes back whole when it is turned away: of no other is anything repeated.</summary>
public interface IKeepsForm;

/// <summary>
/// The form of a notice, an answer or an appeal that was turned away, for the page that says so: everything typed stays, with the
/// same idempotency key, and a token that says when it was turned away. Needs neither script nor database. Files cannot stay in a
/// form, and have to be chosen again.
/// </summary>
/// <param name="Path">Where it was sent, and is sent again.</param>
/// <param name="Fields">As they came, the guard against forged forms among them.</param>
/// <param name="TakesFiles">Whether files can go with it.</param>
/// <param name="Tokens">Null where the sender has no session, and then there is nobody for whom it could be in time.</param>
/// <param name="FirstAt">When it was turned away for the first time, as far as the tokens tell; null without them.</param>
public sealed record KeptForm(string Path, IReadOnlyList<(string Name, string Value)> Fields, bool TakesFiles, string? Tokens, Instant? FirstAt)
{
    public const string TokensField = "TurnedAway";

    const string GuardField = "__RequestVerificationToken", KeyField = nameof(GivingPage.Key);
    const int MaxFields = 10, MaxFieldBytes = 64 * 1024;

    static bool IsOfNotice(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method) && http.Request.HasFormContentType && PageOf(http)?.IsAssignableTo(typeof(IKeepsForm)) == true;

    /// <summary>What of a form's fields can still be read, whatever became of its files; nothing where none can.</summary>
    public static async Task<IReadOnlyList<(string Name, string Value)>> FieldsAsync(HttpContext http)
    {
        try
        {
            return TakeFiles(http) ? await BeforeFilesAsync(http, SessionOf(http)) : FieldsOf(await http.Request.ReadFormAsync(http.RequestAborted));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException)
        {
            return [];
        }
    }

    /// <summary>Call where a request ends with 503, before its endpoint and form are forgotten.</summary>
    public static async Task KeepAsync(HttpContext http)
    {
        var request = http.Request;
        if (!IsOfNotice(http)) return;
        var (takesFiles, session) = (TakeFiles(http), SessionOf(http));
        var fields = await FieldsAsync(http);
        if (fields.Count == 0) return;
        string Field(string name) => fields.FirstOrDefault(f => f.Name == name).Value ?? "";
        var tokens = http.RequestServices.GetRequiredService<TurnedAwayTokens>();
        var now = http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant();
        var (key, content) = (Field(KeyField), takesFiles ? ContentOf(request) : ContentOf(fields));
        // A token holds for the session in which it was turned away, and for no other.
        var given = session is null ? null : tokens.Give(now, Field(TokensField), session, key, content);
        http.Features.Set(new KeptForm(
            (request.PathBase + request.Path).ToUriComponent(), [.. fields.Where(f => f.Name != TokensField)], takesFiles, given, given is null ? null : tokens.Read(given, session!, key, content)[0]));
    }

    /// <summary>When the form of this request was turned away, oldest first; nothing where it was not, or where its tokens do not hold.</summary>
    public static IReadOnlyList<SentEarlier> SentEarlier(HttpContext http)
    {
        var form = http.Request.Form;
        if (form[TokensField].ToString() is not { Length: > 0 } carried || SessionOf(http) is not { } session) return [];
        var content = TakeFiles(http) ? ContentOf(http.Request) : ContentOf(FieldsOf(form));
        return [.. http.RequestServices.GetRequiredService<TurnedAwayTokens>().Read(carried, session, form[KeyField].ToString(), content).Select(at => new SentEarlier(SentBefore.TurnedAway, at))];
    }

    public static Type? PageOf(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<CompiledPageActionDescriptor>()?.ModelTypeInfo;

    static bool TakeFiles(HttpContext http) => PageOf(http)?.IsAssignableTo(typeof(ITakesFiles)) == true;

    // What an officer's browser turned away is in time for the worker all the same: channels are equal. A helper's is the worker's too.
    internal static byte[]? SessionOf(HttpContext http)
    {
        T Find<T>() where T : notnull => http.RequestServices.GetRequiredService<T>();
        if (http.Request.Path.StartsWithSegments(StaffSessions.Folder)) return Find<StaffSessions>().HashOf(http);
        if (http.Request.Path.StartsWithSegments(HelperSessions.Folder)) return Find<HelperSessions>().HashOf(http);
        return Find<WebSession>().TokenOf(http) is { } token ? Sessions.HashOf(token) : null;
    }

    /// <summary>Fields as a form again, as if they had just come.</summary>
    public static FormCollection FormOf(IEnumerable<(string Name, string Value)> fields, IFormFileCollection? files = null) =>
        new(fields.GroupBy(f => f.Name).ToDictionary(f => f.Key, f => new StringValues([.. f.Select(v => v.Value)])), files);

    static List<(string Name, string Value)> FieldsOf(IFormCollection form) => [.. form.SelectMany(f => f.Value, (f, value) => (f.Key, value ?? ""))];

    /// <summary>The fields that stand before the files: the files themselves may be what there is no place for. Only of somebody who has a session.</summary>
    static async Task<List<(string Name, string Value)>> BeforeFilesAsync(HttpContext http, byte[]? session)
    {
        if (http.Features.Get<IFormFeature>()?.Form is { } read) return FieldsOf(read);
        var fields = new List<(string Name, string Value)>();
        if (session is null || BoundaryOf(http.Request) is not { } boundary) return fields;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = Uploads.MaxReadOver;
        var half = (http.Request.Body as ArrivingBodies.Body)?.Head;
        var sections = new MultipartReader(boundary, half ?? http.Request.Body) { BodyLengthLimit = MaxFieldBytes };
        try
        {
            while (fields.Count < MaxFields && await sections.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                if (section.AsFormDataSection() is not { } field) break;
                fields.Add((field.Name, await field.GetValueAsync(http.RequestAborted)));
            }
        }
        catch (IOException) when (half is not null)
        {
            // It ends where the body gave way; what stands before is whole.
        }

        return fields;
    }

    /// <summary>All fields of a form whose files are passed by, to its end, so that the browser hears the answer.</summary>
    public static async Task<IReadOnlyList<(string Name, string Value)>> WithoutFilesAsync(HttpContext http, Stream body)
    {
        var fields = new List<(string Name, string Value)>();
        if (BoundaryOf(http.Request) is not { } boundary) return fields;
        var sections = new MultipartReader(boundary, body);
        // Of all fields together: nobody counts what is held of a form whose files are passed by.
        var room = 2 * MaxFieldBytes;
        while (await sections.ReadNextSectionAsync(http.RequestAborted) is { } section)
        {
            // Another form than ours would have more.
            if (fields.Count == MaxFields || section.AsFormDataSection() is not { } field) continue;
            if (room == 0) continue;
            var text = new byte[Math.Min(room, MaxFieldBytes)];
            var read = await field.Section.Body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, http.RequestAborted);
            room -= read;
            fields.Add((field.Name, Encoding.UTF8.GetString(text, 0, read)));
        }

        return fields;
    }

    static string? BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && HeaderUtilities.RemoveQuotes(type.Boundary) is { HasValue: true, Length: <= 70, Value: var boundary } ? boundary : null;

    /// <summary>What was typed, to be seen; a date that cannot be read stands as it was typed.</summary>
    public IEnumerable<(string Label, string Value)> Typed(Texts t, LocalDate today)
    {
        if (DateOf("From", t, today) is { } from) yield return (t["residence.from-label"], from);
        if (DateOf("On", t, today) is { } on) yield return (t["departure.on"], on);
        var address = string.Join(", ", AddressFields.Select(FieldOf).Where(v => v.Length > 0));
        if (address.Length > 0) yield return (t["receipt.address"], address);
        if (FieldOf(Cases.Mine.CaseForms.TextField).Trim() is { Length: > 0 } text) yield return (t["giving.busy-text"], text);
    }

    static readonly string[] AddressFields = ["Postcode", "Locality", "Street", "Building", "Unit", "Note"];

    string FieldOf(string name) => Fields.FirstOrDefault(f => f.Name == name).Value ?? "";

    string? DateOf(string name, Texts t, LocalDate today)
    {
        var typed = new DateEntry { Day = FieldOf($"{name}.Day"), Month = FieldOf($"{name}.Month"), Year = FieldOf($"{name}.Year"), Today = FieldOf($"{name}.Today") is { Length: > 0 } ticked ? ticked : null };
        return typed.IsEmpty ? null : typed.Read(t.Lang, DateSense.OfNow, today).Date is { } date ? Dates.InWords(date, t.Lang) : $"{typed.Day} {typed.Month} {typed.Year}";
    }

    /// <summary>SHA-256 of what was typed and pressed, the same when the kept form comes back.</summary>
    static byte[] ContentOf(IReadOnlyList<(string Name, string Value)> fields)
    {
        var text = new StringBuilder();
        // Browsers write line ends as they like.
        foreach (var field in fields.Where(f => f.Name is not (TokensField or GuardField)).GroupBy(f => f.Name).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            foreach (var value in field.Select(f => f.Value).Prepend(field.Key).Select(v => v.ReplaceLineEndings("\n")))
                text.Append(value.Length).Append(':').Append(value).Append('|');
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Of what comes with files: that it is an answer, or an appeal. What is in it may not have been read (docs/decisions/0028-answers-in-time.md).</summary>
    public static byte[] ContentOf(HttpRequest request) => SHA256.HashData(Encoding.UTF8.GetBytes(request.Path.Value!.Split('/')[^1]));
}
