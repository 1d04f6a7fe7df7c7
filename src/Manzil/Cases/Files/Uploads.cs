using System.Collections.Concurrent;
using Manzil.Access;
using Manzil.Helping;
using Manzil.Notices;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Cases.Files;

/// <summary>A page whose form may bring files.</summary>
public interface ITakesFiles;

/// <summary>A page for anybody that reads its form itself, since it takes more than a few fields.</summary>
public interface IReadsOwnForm;

/// <summary>An endpoint that finds out itself who sends, and says so to <see cref="Uploads"/>.</summary>
public sealed record ReadsOwnBody;

/// <summary>
/// Reads every form that is sent, whole and in memory, so that no uncleaned photo is ever written to a disk, and lets requests with
/// files in: larger than others, for people who are signed in. Nobody waits for a place here, and nothing is taken before bytes
/// come: what is bounded is what all hold together, strangers apart from people who are signed in (docs/decisions/0038-bodies-that-arrive.md).
/// </summary>
public sealed class Uploads
{
    /// <summary>All that may be kept of one person in a day, and a little more, so that it can be refused in words.</summary>
    public const int MaxRequest = (FileLimits.MegabytesADay + 4) * 1024 * 1024;

    /// <summary>One file more than an answer takes, each as large as may be: so much still arrives, of which only the words are kept.</summary>
    public const int MaxReadOver = ((CleanFile.MaxFiles + 1) * CleanFile.MaxMegabytes + 4) * 1024 * 1024;

    /// <summary>Of all who are signed in, and of all who are not.</summary>
    public const int Room = 192 * 1024 * 1024, StrangersRoom = 6 * 1024 * 1024;

    /// <summary>Far more than any form has that a stranger fills in.</summary>
    public const int MaxOfStranger = 32 * 1024;

    /// <summary>Of one person: two browsers, or one that was cut off and begins again.</summary>
    public const int AtOnceEach = 2;

    const int MaxForm = 256 * 1024, MaxText = 128 * 1024, Head = 64 * 1024;

    readonly ConcurrentDictionary<string, int> _each = new();

    /// <summary>Of people who are signed in: a text always comes through.</summary>
    public ArrivingBodies Known { get; } = new(Room, MaxRequest + 1024 * 1024, MaxText);

    public ArrivingBodies Strangers { get; } = new(StrangersRoom, StrangersRoom, 0);

    /// <summary>How many requests with files are under way.</summary>
    public int UnderWay => _each.Values.Sum();

    /// <summary>Comes after it is known who is signed in, and before anything reads the form.</summary>
    public async Task BodiesAsync(HttpContext http, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<ReadsOwnBody>() is not null)
        {
            await next(http);
            return;
        }

        var page = endpoint.Metadata.GetMetadata<CompiledPageActionDescriptor>()?.ModelTypeInfo;
        var who = await WhoAsync(http);
        if (who is null && page?.IsAssignableTo(typeof(ITakesFiles)) == true && KeptForm.SessionOf(http) is not null)
        {
            // Of somebody whose session ended the words are kept, which stand before files that are too large for a stranger.
            Strangers.Watch(http, null);
            SignedOut.Answer(http);
            return;
        }

        using var place = who is not null && page?.IsAssignableTo(typeof(ITakesFiles)) == true ? Enter(http, who) : Place.None;
        if (place is null)
        {
            // What was typed before the files is read once more, to be kept: that counts too.
            Known.Watch(http, who);
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        try
        {
            if (place == Place.None) Prepare(http, who, isPage: page is not null);
            else if (http.Request.ContentLength > MaxRequest) await LeaveFilesOutAsync(http);
            if (page is not null && http.Request.HasFormContentType && !page.IsAssignableTo(typeof(IReadsOwnForm)))
            {
                await http.Request.ReadFormAsync(http.RequestAborted);
                // A body may take long to come, and who asks was looked up before it.
                await SignedIn.FindAgainAsync(http);
                await StaffPage.FindAgainAsync(http);
            }

            await next(http);
        }
        catch (BodyGaveWayException) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            http.Response.Headers.RetryAfter = "5";
        }
    }

    /// <returns>To be disposed of once the request is over; null where this person sends as much already as one may at once.</returns>
    public IDisposable? Enter(HttpContext http, string who)
    {
        if (_each.AddOrUpdate(who, 1, (_, count) => count + 1) > AtOnceEach)
        {
            Leave(who);
            http.Response.Headers.RetryAfter = "5";
            return null;
        }

        var place = new Place(this, who);
        Known.Watch(http, who, keepsHead: Head);
        Limit(http, MaxRequest);
        return place;
    }

    /// <summary>Whether files came with this form that are too large together: they were read over, and the form has none of them.</summary>
    public static bool AreFilesLeftOut(HttpContext http) => http.Features.Get<FilesLeftOut>() is not null;

    /// <summary>Reads a form that is too large to be held, and keeps its words: whoever wrote them is not to lose them for a photo.</summary>
    static async Task LeaveFilesOutAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MaxReadOver;
        if (!http.Request.HasFormContentType || http.Request.Body is not ArrivingBodies.Body body || http.Request.ContentLength > MaxReadOver)
            throw new BadHttpRequestException("The request is too large.", StatusCodes.Status413PayloadTooLarge);
        var fields = await KeptForm.WithoutFilesAsync(http, body.Unheld);
        http.Features.Set(new FilesLeftOut());
        http.Features.Set<IFormFeature>(new FormFeature(KeptForm.FormOf(fields)));
    }

    sealed record FilesLeftOut;

    public static string Worker(long id) => $"worker {id}";

    void Prepare(HttpContext http, string? who, bool isPage)
    {
        (who is null ? Strangers : Known).Watch(http, who);
        if (isPage) Limit(http, who is null ? MaxOfStranger : MaxForm);
    }

    static void Limit(HttpContext http, int bytes)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = bytes;
        http.Features.Set<IFormFeature>(new FormFeature(http.Request, new FormOptions
        {
            MemoryBufferThreshold = bytes,
            MultipartBodyLengthLimit = bytes,
            ValueLengthLimit = Math.Min(bytes, MaxForm),
            ValueCountLimit = 100,
        }));
    }

    // A helper is counted apart from the worker whose case it is: neither can take the other's place.
    static async Task<string?> WhoAsync(HttpContext http)
    {
        if (http.Features.Get<StaffMember>() is { } staff) return $"staff {staff.Id}";
        if (http.Request.Path.StartsWithSegments(HelperSessions.Folder) && await http.RequestServices.GetRequiredService<HelperSessions>().FindAsync(http) is { } grant) return $"helper {grant.Id}";
        return SignedIn.Of(http) is { } signedIn ? Worker(signedIn.Worker.Id) : null;
    }

    void Leave(string who)
    {
        if (_each.AddOrUpdate(who, 0, (_, count) => count - 1) <= 0) _each.TryRemove(KeyValuePair.Create(who, 0));
    }

    sealed class Place(Uploads? uploads, string who) : IDisposable
    {
        public static readonly IDisposable None = new Place(null, "");

        public void Dispose() => uploads?.Leave(who);
    }
}
