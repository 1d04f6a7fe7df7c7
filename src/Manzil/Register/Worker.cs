using System.Data.Common;
using System.Globalization;
using Dapper;
using Manzil.Receipts;
using Manzil.Rules;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Register;

/// <param name="RemovedAt">Since when it no longer counts; for some days more it gets copies.</param>
/// <param name="Mark">Six digits that stand in each message to it, by which whoever gets them by mistake can say so; null where it is not confirmed yet.</param>
public sealed record Channel(long Id, string Kind, string Address, Instant? RemovedAt = null, string? Mark = null)
{
    /// <summary>Enough for its owner to know it by, and for nobody to write to.</summary>
    public string Masked => Kind == "email" ? $"{Address[0]}…{Address[Address.LastIndexOf('@')..]}" : "…" + Address[^3..];
}

/// <summary>What an act needs to know of a worker: who they are, how to reach them, and their register entry.</summary>
public sealed record Worker(
    long Id,
    string CardNumber,
    string Name,
    string Language,
    string Office,
    IdentityDocument? Document,
    byte[]? StretchedDocument,
    IReadOnlyList<Channel> Channels,
    RegisterEntry Entry)
{
    /// <summary>Those that were removed, for copies; <see cref="Channels"/> are those that count.</summary>
    public IReadOnlyList<Channel> RemovedChannels { get; init; } = [];

    /// <summary>Why the case that is open, or led to a removal, was opened; null where there is none.</summary>
    public CaseGround? CaseGround { get; init; }

    /// <summary>True where an act prepared from the other would come out the same.</summary>
    public bool SameAs(Worker? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Entry == other.Entry && Name == other.Name && Document == other.Document
            && Language == other.Language && Office == other.Office && Channels.SequenceEqual(other.Channels)
            && RemovedChannels.SequenceEqual(other.RemovedChannels) && CaseGround == other.CaseGround);

    public string FirstName => Name.Split(' ', 2)[0];

    /// <summary>Loads workers with their newest document, confirmed channels and register entry.</summary>
    public static async Task<Dictionary<long, Worker>> LoadAsync(DbConnection connection, DbTransaction? transaction, IReadOnlyCollection<long> ids)
    {
        var rows = await connection.QueryAsync<Row>(Select(connection, "w.id"), new { keys = ids }, transaction);
        var channels = (await connection.QueryAsync<(long WorkerId, long Id, string Kind, string Address, long? RemovedAt, string? Mark)>(
                $"select worker_id, id, kind, address, removed_at, mark from channel where {Database.In(connection, "worker_id")} and confirmed_at is not null and not_mine_at is null order by id",
                new { keys = ids }, transaction))
            .ToLookup(c => c.WorkerId, c => new Channel(c.Id, c.Kind, c.Address, c.RemovedAt is { } at ? Instant.FromUnixTimeMilliseconds(at) : null, c.Mark));
        // Asked apart: joined to its newest document, PostgreSQL may walk the whole table for each worker.
        var documents = (await connection.QueryAsync<DocumentRow>(
                $"select worker_id as WorkerId, state, number, birth_date as BirthDate, stretched from document where {Database.In(connection, "worker_id")} order by recorded_at, id",
                new { keys = ids }, transaction))
            .ToLookup(d => d.WorkerId);
        var workers = new Dictionary<long, Worker>();
        foreach (var row in rows) workers[row.Id] = row.ToWorker(documents[row.Id].LastOrDefault(), [.. channels[row.Id]]);
        await AddGroundsAsync(connection, transaction, workers);
        return workers;
    }

    // Few have a case: nobody else pays for this question.
    static async Task AddGroundsAsync(DbConnection connection, DbTransaction? transaction, Dictionary<long, Worker> workers)
    {
        var keys = workers.Values.Where(w => w.Entry.Standing is Standing.UnderReview or Standing.RemovalPending or Standing.Removed).Select(w => w.Id).ToList();
        if (keys.Count == 0) return;
        foreach (var (id, ground) in await connection.QueryAsync<(long, string)>(
            $"select worker_id, ground from case_file where {Database.In(connection, "worker_id")} order by id", new { keys }, transaction))
        {
            workers[id] = workers[id] with { CaseGround = ground == Rules.CaseGround.Silence.Name() ? Rules.CaseGround.Silence : Rules.CaseGround.Other };
        }
    }

    static string Select(DbConnection connection, string column) =>
        $"""
        select w.id, w.card_number as CardNumber, w.name, w.language, w.office,
               r.standing, r.office as EntryOffice, r.registered_on as RegisteredOn, r.residence_number as ResidenceNumber,
               r.residence_from as ResidenceFrom, r.last_told as LastTold, r.next_deadline as NextDeadline,
               r.departure_number as DepartureNumber, r.departure_on as DepartureOn, r.departure_told as DepartureTold
        from worker w
        join register_entry r on r.worker_id = w.id
        where {Database.In(connection, column)}
        """;

    sealed class DocumentRow
    {
        public long WorkerId { get; set; }
        public string State { get; set; } = "";
        public string Number { get; set; } = "";
        public string BirthDate { get; set; } = "";
        public byte[] Stretched { get; set; } = [];
    }

    sealed class Row
    {
        public long Id { get; set; }
        public string CardNumber { get; set; } = "";
        public string Name { get; set; } = "";
        public string Language { get; set; } = "";
        public string Office { get; set; } = "";
        public int Standing { get; set; }
        public string? EntryOffice { get; set; }
        public string? RegisteredOn { get; set; }
        public string? ResidenceNumber { get; set; }
        public string? ResidenceFrom { get; set; }
        public string? LastTold { get; set; }
        public string? NextDeadline { get; set; }
        public string? DepartureNumber { get; set; }
        public string? DepartureOn { get; set; }
        public string? DepartureTold { get; set; }

        public Worker ToWorker(DocumentRow? document, IReadOnlyList<Channel> channels) => new(
            Id, CardNumber, Name, Language, Office,
            document is null ? null : new IdentityDocument(document.State, document.Number, BirthDate.TryParse(document.BirthDate, out var born) ? born : throw new InvalidDataException("A document has no birth date.")),
            document?.Stretched, [.. channels.Where(c => c.RemovedAt is null)],
            new RegisterEntry
            {
                Standing = (Standing)Standing,
                Office = EntryOffice,
                RegisteredOn = IsoDate.Read(RegisteredOn),
                ResidenceNumber = ResidenceNumber,
                ResidenceFrom = IsoDate.Read(ResidenceFrom),
                LastTold = IsoDate.Read(LastTold),
                NextDeadline = IsoDate.Read(NextDeadline),
                DepartureNumber = DepartureNumber,
                DepartureOn = IsoDate.Read(DepartureOn),
                DepartureTold = IsoDate.Read(DepartureTold),
            })
        {
            RemovedChannels = [.. channels.Where(c => c.RemovedAt is not null)],
        };
    }
}

/// <summary>Dates as they stand in the database and in JSON: ISO 8601, nothing else.</summary>
public static class IsoDate
{
    public static LocalDate? Read(string? text) =>
        text is not null && LocalDatePattern.Iso.Parse(text) is { Success: true } parsed ? parsed.Value : null;

    public static string? Write(LocalDate? date) => date is { } d ? Write(d) : null;

    // Several dates stand in each row of the write path, and the pattern's own formatting takes ten times as long.
    static string Write(LocalDate date) => date.Year is < 1000 or > 9999
        ? LocalDatePattern.Iso.Format(date)
        : string.Create(10, date, static (text, d) =>
        {
            var (year, month, day) = d;
            year.TryFormat(text, out _, default, CultureInfo.InvariantCulture);
            (text[4], text[5], text[6], text[7], text[8], text[9]) =
                ('-', (char)('0' + month / 10), (char)('0' + month % 10), '-', (char)('0' + day / 10), (char)('0' + day % 10));
        });
}
