using System.Buffers.Binary;
using System.Globalization;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;

namespace Manzil.Log;

/// <summary>The public log under /log/ (C2SP tlog-tiles), and the statements that concern nobody in particular.</summary>
public static class LogPages
{
    const string Forever = "public, max-age=31536000, immutable";
    const string Briefly = "public, max-age=1";

    public static void MapLog(this IEndpointRouteBuilder app)
    {
        // /log/ is the log that is written now; /log/N/ is the N-th, which matters after a reopening.
        foreach (var root in (string[])["/log", "/log/{log:int}"])
        {
            app.MapGet(root + "/checkpoint", CheckpointAsync);
            app.MapGet(root + "/tile/{**path}", TileAsync);
            app.MapGet(root + "/statements/{position:long}", (HttpContext http, Database database, LogTiles tiles, int? log, long position) =>
                StatementAsync(http, database, tiles, log, position, record: false));
            app.MapGet(root + "/statements/{position:long}/record", (HttpContext http, Database database, LogTiles tiles, int? log, long position) =>
                StatementAsync(http, database, tiles, log, position, record: true));
        }
    }

    static async Task<IResult> CheckpointAsync(HttpContext http, Database database, LogTiles tiles, int? log)
    {
        var head = await tiles.HeadAsync();
        string? checkpoint = head.Checkpoint;
        if (log is { } number && number != head.Log)
        {
            await using var connection = await database.OpenAsync();
            checkpoint = await connection.QuerySingleOrDefaultAsync<string?>("select last_checkpoint from log where number = @number", new { number });
        }

        if (checkpoint is null) return Results.NotFound();
        http.Response.Headers.CacheControl = Briefly;
        return Results.Text(checkpoint, "text/plain; charset=utf-8");
    }

    static async Task<IResult> TileAsync(HttpContext http, LogTiles tiles, int? log, string? path)
    {
        if (!TilePath.TryParse("tile/" + path, out var address)) return Results.NotFound();
        var head = await tiles.HeadAsync();
        var number = log ?? head.Log;
        var size = number == head.Log ? head.Size : await tiles.SizeAsync(number);
        var level = address.Level ?? 0;
        if (TilePath.WidthAt(level, address.Index, size) < address.Width) return Results.NotFound();

        byte[] bytes;
        if (address.IsEntries)
        {
            var entries = await tiles.EntriesAsync(number, address.Index, address.Width);
            bytes = new byte[entries.Count * 34];
            for (var i = 0; i < entries.Count; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(i * 34), 32);
                entries[i].CopyTo(bytes, (i * 34) + 2);
            }
        }
        else
        {
            bytes = [.. (await tiles.TileAsync(number, level, address.Index, address.Width)).SelectMany(h => h)];
        }

        http.Response.Headers.CacheControl = Forever;
        return Results.Bytes(bytes, "application/octet-stream");
    }

    static async Task<IResult> StatementAsync(HttpContext http, Database database, LogTiles tiles, int? log, long position, bool record)
    {
        var number = log ?? (await tiles.HeadAsync()).Log;
        await using var connection = await database.OpenAsync();
        var act = await connection.QuerySingleOrDefaultAsync<StoredAct>(
            $"select {StoredAct.Columns} from act where log = @number and leaf = @position", new { number, position });
        // What concerns a person is theirs: here it does not exist.
        if (act is null || !((StatementKind)act.Kind).ConcernsNobody()) return Results.NotFound();
        http.Response.Headers.CacheControl = Forever;
        return record
            ? Results.Bytes(act.Record, "application/cbor", position.ToString(CultureInfo.InvariantCulture) + ".cbor")
            : Results.Bytes(act.Statement, "application/cose; cose-type=\"cose-sign1\"");
    }
}
