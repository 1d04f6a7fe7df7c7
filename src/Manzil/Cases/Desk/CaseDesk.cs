using System.Data.Common;
using Dapper;
using Manzil.Deadlines;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Staff;
using NodaTime;

namespace Manzil.Cases.Desk;

/// <summary>How long a look stands: an officer who was shown a file reads on in it without a new row.</summary>
/// <param name="Look">The look that began it.</param>
public sealed record Sitting(long Look, string Reason, Instant Since)
{
    public static readonly Duration Length = Duration.FromMinutes(30);

    public Instant Until => Since + Length;
}

/// <summary>Opens files for officers: the look first, then the content.</summary>
public sealed class CaseDesk(Database database, WorkerReader workers, CurrentRules current, Looks looks, IClock clock)
{
    public Jurisdiction Rules => current.Now;

    public Instant Now => clock.GetCurrentInstant();

    public LocalDate Today => Rules.DateOf(Now);

    public async Task<CaseFile?> FindAsync(string number)
    {
        await using var connection = await database.OpenAsync();
        return await CaseFile.FindAsync(connection, number);
    }

    /// <summary>The look that this officer's sitting in the case began with; null where none stands.</summary>
    public async Task<Sitting?> SittingAsync(StaffMember staff, CaseFile file)
    {
        await using var connection = await database.OpenAsync();
        return await SittingAsync(connection, staff, file);
    }

    async Task<Sitting?> SittingAsync(DbConnection connection, StaffMember staff, CaseFile file)
    {
        var row = await connection.QuerySingleOrDefaultAsync<(long Id, string Reason, long At)?>(
            """
            select id, reason, looked_at from look
            where worker_id = @WorkerId and staff_number = @staff and role = @role and what = 'file' and item = @Number and looked_at > @oldest
            order by id desc limit 1
            """,
            new { file.WorkerId, file.Number, staff = staff.Number, role = staff.Role.Name(), oldest = (Now - Sitting.Length).ToUnixTimeMilliseconds() });
        return row is { } r ? new Sitting(r.Id, r.Reason, Instant.FromUnixTimeMilliseconds(r.At)) : null;
    }

    public Task OpenFileAsync(StaffMember staff, CaseFile file, string reason) => looks.RecordAsync(staff, file.WorkerId, Looks.File, file.Number, reason);

    /// <summary>Opens an answer or a document of an open file: one look, with the reason for which the file was opened.</summary>
    public async Task OpenItemAsync(StaffMember staff, DeskFile file, string what, string item)
    {
        if (!file.IsOpened(what, item)) await looks.RecordAsync(staff, file.File.WorkerId, what, item, file.Sitting.Reason);
    }

    /// <summary>The file as it is now, for an officer whose look stands; null where none does.</summary>
    public async Task<DeskFile?> ReadAsync(StaffMember staff, CaseFile file)
    {
        await using var connection = await database.OpenAsync();
        if (await SittingAsync(connection, staff, file) is not { } sitting || await workers.FindAsync(file.WorkerId) is not { } worker) return null;
        var rules = Rules;
        var today = rules.DateOf(Now);
        var newest = (await CaseFile.NewestAsync(connection, null, file.WorkerId))!;
        var standing = worker.Entry.StandingOn(today, rules.WorkersCalendar, rules.Intervals);
        var opened = await connection.QueryAsync<(string What, string Item)>(
            "select what, item from look where worker_id = @WorkerId and staff_number = @staff and id > @Look and item is not null",
            new { file.WorkerId, staff = staff.Number, sitting.Look });
        var home = worker.Entry.ResidenceNumber is { } residence
            ? await connection.QuerySingleOrDefaultAsync<StoredAct>($"select {StoredAct.Columns} from act where number = @residence and worker_id = @WorkerId", new { residence, file.WorkerId })
            : null;
        return new DeskFile
        {
            Home = home is null ? null : (home.Number, home.GivenAt, Record.Decode(home.Record)),
            File = file,
            Worker = worker,
            Sitting = sitting,
            Newest = newest.Number,
            Rules = rules,
            Today = today,
            Standing = standing,
            StandingSince = await SinceAsync(connection, file, worker, standing),
            Facts = newest.Id == file.Id ? await CaseFile.FactsAsync(connection, null, file, worker.Entry.Standing, rules) : CaseFacts.None,
            UnopenedAnswers = (await file.UnopenedAnswersAsync(connection, null, staff.Number)).Count,
            UnopenedDocuments = (await file.UnopenedDocumentsAsync(connection, null, staff.Number)).Count,
            Opened = opened.ToHashSet(),
        };
    }

    async Task<LocalDate?> SinceAsync(DbConnection connection, CaseFile file, Worker worker, Standing standing) => standing switch
    {
        Standing.Registered => worker.Entry.RegisteredOn,
        Standing.Ended => worker.Entry.DepartureOn,
        Standing.UnderReview => Rules.DateOf(Instant.FromUnixTimeMilliseconds(file.OpenedAt)),
        // By the agreement, or by the appeal that took a removal out of effect.
        Standing.RemovalPending => await connection.ExecuteScalarAsync<long?>(
            "select max(given_at) from act where number = @AgreedAct or number in (select undone_act from removal where case_id = @Id)", new { file.AgreedAct, file.Id }) is { } at
            ? Rules.DateOf(Instant.FromUnixTimeMilliseconds(at))
            : null,
        Standing.Removed => IsoDate.Read(await connection.ExecuteScalarAsync<string?>(
            "select in_effect_on from removal where worker_id = @WorkerId and undone_act is null", new { file.WorkerId })),
        _ => null,
    };
}

/// <summary>An open file: the case, the person, and what the officer has opened in it.</summary>
public sealed record DeskFile
{
    public required CaseFile File { get; init; }
    public required Worker Worker { get; init; }
    public required Sitting Sitting { get; init; }

    /// <summary>The act that told today's address; null where none did.</summary>
    public required (string Number, long GivenAt, Record Record)? Home { get; init; }

    /// <summary>Whether today's address stands in an answer that this officer has not opened: then it is not shown without it.</summary>
    public bool IsHomeUnopened => Home is var (number, given, record)
        && IsAnswer(record.Kind, ReissueReceipt.FirstGivenOf(record) is { } first ? first.ToUnixTimeMilliseconds() : given)
        && !IsOpened(Looks.Answer, number) && !(record.Replaces is { } before && IsOpened(Looks.Answer, before.ToString()));

    /// <summary>The number of the worker's newest case: acts are about that one.</summary>
    public required string Newest { get; init; }
    public required Jurisdiction Rules { get; init; }
    public required LocalDate Today { get; init; }
    public required Standing Standing { get; init; }

    /// <summary>Nothing where this case is closed.</summary>
    public required CaseFacts Facts { get; init; }

    /// <summary>How many answers and documents of the case this officer has never opened.</summary>
    public required int UnopenedAnswers { get; init; }
    public required int UnopenedDocuments { get; init; }

    /// <summary>What was opened in this sitting, as the log of looks has it.</summary>
    public required IReadOnlySet<(string What, string Item)> Opened { get; init; }

    public bool IsOpened(string what, string item) => Opened.Contains((what, item));

    /// <summary>Whether an act is something that the worker said: it is opened before it is read.</summary>
    public bool IsAnswer(StatementKind kind, long givenAt) =>
        kind is StatementKind.Answer or StatementKind.Appeal
        || (kind is StatementKind.Residence or StatementKind.Confirmation && File.Ground == CaseGround.Other.Name() && givenAt >= File.OpenedAt);

    /// <summary>Whether the worker's time waits for a delivery that nobody has reported.</summary>
    public bool AwaitsDelivery => Facts.Stage switch
    {
        CaseStage.Open or CaseStage.AwaitingAgreement => Facts.OpeningTold is null,
        CaseStage.RemovalPending or CaseStage.Suspended => Facts.DecisionTold is null,
        _ => false,
    } && RecordDelivery.Awaited(File, Standing) is not null;

    /// <summary>Since when the worker's standing is what it is; null where that is not known by a date.</summary>
    public required LocalDate? StandingSince { get; init; }

    public bool IsNewest => Newest == File.Number;

    /// <summary>Why an act would be refused whatever was written; null where it is possible now.</summary>
    public CaseRefusal? WouldRefuse(CaseAct act, Actor actor) => Refuse(act, actor, Anything(Rules));

    /// <summary>Words that no rule refuses, of somebody who has opened everything: what is asked with them is whether the time has come.</summary>
    public static CaseWords Anything(Jurisdiction rules) => new()
    {
        Reason = "-",
        GroundIsKnown = true,
        Facts = new string('-', rules.Intervals.FactsMinCharacters),
        Change = "-",
        OpenedEveryAnswer = true,
        OpenedEveryDocument = true,
    };

    /// <summary>The same with what was written.</summary>
    public CaseRefusal? Refuse(CaseAct act, Actor actor, CaseWords words) => CaseRules.Refuse(
        act, actor, Facts, words with { OpenedEveryAnswer = UnopenedAnswers == 0, OpenedEveryDocument = UnopenedDocuments == 0 }, Standing, Today, Rules);
}
