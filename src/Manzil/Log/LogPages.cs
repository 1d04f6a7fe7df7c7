using System.Buffers.Binary;
using System.Globalization;
using Dapper;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;

namespace Manzil.Log;

/// <summary>The public logs under /log/ (C2SP tlog-tiles), and the statements that concern nobody in particular.</summary>
public static class LogPages
{
    const string Forever = "public, max-age=31536000, immutable";
    const string Briefly = "public, max-age=1";

    /// <summary>A monitor asks with HEAD whether anything is new.</summary>
    public static readonly string[] Reading = ["GET", "HEAD"];

    public static void MapLog(this IEndpointRouteBuilder app)
    {
        // /log/ is the first log for ever, /log/2/ the second; /log/1/ is the first one's other name.
        foreach (var root in (string[])["/log", "/log/{log:int:min(1)}"])
        {
            app.MapMethods(root + "/checkpoint", Reading, CheckpointAsync);
            app.MapMethods(root + "/tile/{**path}", Reading, TileAsync);
            app.MapMethods(root + "/statements/{position:long}", Reading, (HttpContext http, Database database, PublicLog shown, int? log, long position) =>
                StatementAsync(http, database, shown, log, position, record: false));
            app.MapMethods(root + "/statements/{position:long}/record", Reading, (HttpContext http, Database database, PublicLog shown, int? log, long position) =>
                StatementAsync(http, database, shown, log, position, record: true));
        }
    }

    static async Task<IResult> CheckpointAsync(HttpContext http, PublicLog shown, int? log)
    {
        SecurityHeaders.ForEveryOrigin(http.Response);
        if (await shown.ShowAsync(log ?? 1) is not { } open) return Results.NotFound();
        http.Response.Headers.CacheControl = Briefly;
        return Results.Text(open.Checkpoint, "text/plain; charset=utf-8");
    }

    static async Task<IResult> TileAsync(HttpContext http, PublicLog shown, LogTiles tiles, int? log, string? path)
    {
        SecurityHeaders.ForEveryOrigin(http.Response);
        if (!TilePath.TryParse("tile/" + path, out var address)) return Results.NotFound();
        var level = address.Level ?? 0;
        if (await shown.ShowAsync(log ?? 1) is not { } open || TilePath.WidthAt(level, address.Index, open.Size) < address.Width) return Results.NotFound();

        byte[] bytes;
        if (address.IsEntries)
        {
            var entries = await tiles.EntriesAsync(open.Number, address.Index, address.Width);
            bytes = new byte[entries.Count * 34];
            for (var i = 0; i < entries.Count; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(i * 34), 32);
                entries[i].CopyTo(bytes, (i * 34) + 2);
            }
        }
        else
        {
            bytes = [.. (await tiles.TileAsync(open.Number, level, address.Index, address.Width)).SelectMany(h => h)];
        }

        http.Response.Headers.CacheControl = Forever;
        return Results.Bytes(bytes, "application/octet-stream");
    }

    static async Task<IResult> StatementAsync(HttpContext http, Database database, PublicLog shown, int? log, long position, bool record)
    {
        SecurityHeaders.ForEveryOrigin(http.Response);
        if (await shown.ShowAsync(log ?? 1) is not { } open || position >= open.Size) return Results.NotFound();
        await using var connection = await database.OpenAsync();
        var act = await connection.QuerySingleOrDefaultAsync<StoredAct>(
            $"select {StoredAct.Columns} from act where log = @Number and leaf = @position", new { open.Number, position });
        // What concerns a person is theirs: here it does not exist.
        if (act is null || !((StatementKind)act.Kind).ConcernsNobody()) return Results.NotFound();
        http.Response.Headers.CacheControl = Forever;
        return record
            ? Results.Bytes(act.Record, "application/cbor", position.ToString(CultureInfo.InvariantCulture) + ".cbor")
            : Results.Bytes(act.Statement, "application/cose; cose-type=\"cose-sign1\"");
    }
}
