using System.Collections.Concurrent;
using Manzil.Helping;
using Manzil.SignIn;
using Manzil.Staff;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Manzil.Cases.Files;

/// <summary>A page whose form may bring files.</summary>
public interface ITakesFiles;

/// <summary>
/// Lets requests with files in: larger than others, for people who are signed in, a few at once, and held in memory, so that no
/// uncleaned photo is ever written to a disk.
/// </summary>
public sealed class Uploads
{
    /// <summary>Six files of more than 5 MB still arrive, so that they can be refused in words.</summary>
    public const int MaxRequest = 34 * 1024 * 1024;
    const int AtOnce = 16, AtOnceEach = 2;

    readonly SemaphoreSlim _places = new(AtOnce);
    readonly ConcurrentDictionary<long, int> _each = new();

    /// <summary>Comes after it is known who is signed in, and before anything reads the form.</summary>
    public async Task PagesAsync(HttpContext http, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(http.Request.Method)
            || http.GetEndpoint()?.Metadata.GetMetadata<CompiledPageActionDescriptor>()?.ModelTypeInfo?.IsAssignableTo(typeof(ITakesFiles)) != true
            || await WhoAsync(http) is not { } worker)
        {
            await next(http);
            return;
        }

        using var place = await EnterAsync(http, worker);
        if (place is null) http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else if (http.Request.ContentLength > MaxRequest) http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        else await next(http);
    }

    /// <returns>To be disposed of once the request is over; null where too many come at once.</returns>
    public async Task<IDisposable?> EnterAsync(HttpContext http, long worker)
    {
        if (_each.AddOrUpdate(worker, 1, (_, count) => count + 1) > AtOnceEach || !await _places.WaitAsync(TimeSpan.FromSeconds(5), http.RequestAborted))
        {
            Leave(worker);
            http.Response.Headers.RetryAfter = "5";
            return null;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MaxRequest;
        http.Features.Set<IFormFeature>(new FormFeature(http.Request, new FormOptions
        {
            MemoryBufferThreshold = MaxRequest,
            MultipartBodyLengthLimit = MaxRequest,
            ValueCountLimit = 50,
        }));
        return new Place(this, worker);
    }

    static async Task<long?> WhoAsync(HttpContext http) =>
        // Officers are counted apart from workers: no id of theirs is below zero.
        -http.Features.Get<StaffMember>()?.Id ?? SignedIn.Of(http)?.Worker.Id ?? (await http.RequestServices.GetRequiredService<HelperSessions>().FindAsync(http))?.WorkerId;

    void Leave(long worker)
    {
        if (_each.AddOrUpdate(worker, 0, (_, count) => count - 1) <= 0) _each.TryRemove(KeyValuePair.Create(worker, 0));
    }

    sealed class Place(Uploads uploads, long worker) : IDisposable
    {
        public void Dispose()
        {
            uploads._places.Release();
            uploads.Leave(worker);
        }
    }
}
