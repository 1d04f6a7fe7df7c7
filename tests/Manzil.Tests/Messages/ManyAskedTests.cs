using Dapper;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

/// <summary>What the database words for many is what this process words for one.</summary>
public class ManyAskedTests
{
    const string Key = "message.reminder";
    static readonly LocalDate Due = new(2026, 12, 23);

    // As long as an SMS allows and one letter longer, with hyphens, two scripts, letters that UTF-16 writes as two, and what SQL or a pattern might take for its own.
    static readonly string[] Names =
    [
        "Aziz Rahimov", "Aziz", "Abdurakhmono Karimov", "Abdurakhmonov Karimov", "Гүлнұр-Айым Қ", "Гүлнұр-Айымгүл-Бибігүл Қ", "Нуриддинжон Х", "Абдурахманжон Х",
        "𐐀𐐁 K", "𐐀𐐁𐐂𐐃𐐄𐐅𐐆 K", "D'Arc O''Neil", "%s {name} \\1", "W[a-z]* x", " leading", "Ali\u00a0Bek Y", new string('W', 200), "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301 Z", "👨‍👩‍👧‍👦 F",
    ];

    [Theory, EachDatabase]
    public async Task Ask_NamesLanguagesAndChannels_WordsEachAsForOneAlone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await using var connection = await service.Core.Database.OpenAsync();
        var ids = new List<long>();
        foreach (var name in Names)
        {
            foreach (var language in Language.All.Keys) ids.Add(await EnrolAsync(name, language, ids.Count));
        }

        var telling = new Telling(service.Core.Rules, service.Core.Settings.PublicUrl, shownAtOnce: false);
        await AskAsync(telling, ids.Take(ids.Count - 1));
        var expected = new List<string>();
        foreach (var worker in (await Worker.LoadAsync(connection, null, ids.SkipLast(1).ToList())).Values)
        {
            expected.AddRange(telling.AskAll(worker, Key, ("name", worker.FirstName), ("date", Due), ("n", 1), ("of", 3)).Select(m => Line(
                worker.Id, m.Channel.Kind, m.Channel.Address, m.Language, m.Subject, m.Body, m.ReplyCode)));
        }

        var written = (await connection.QueryAsync<Row>(
            """
            select worker_id as Worker, channel_kind as Kind, address, language, subject, body, reply_code as Code, created_at as CreatedAt,
                   sent_at as SentAt, delivered_at as DeliveredAt, reminds_of as RemindsOf, holds_code as HoldsCode, act_number as ActNumber
            from message
            """)).ToList();
        Assert.Equal(expected.Order(StringComparer.Ordinal), written.Select(m => Line(m.Worker, m.Kind, m.Address, m.Language, m.Subject, m.Body, m.Code)).Order(StringComparer.Ordinal));
        // Two telephones and an e-mail address each; what was removed or never confirmed is not written to.
        Assert.Equal((ids.Count - 1) * 3, written.Count);
        Assert.All(written, m => Assert.Equal((TestService.Start.ToUnixTimeMilliseconds(), null, null, "2026-12-23", 0, null), (m.CreatedAt, m.SentAt, m.DeliveredAt, m.RemindsOf, m.HoldsCode, m.ActNumber)));
        var codes = written.Where(m => m.Kind == "sms").ToList();
        Assert.All(codes, m => Assert.Matches("^[0-9]{6}$", m.Code));
        Assert.All(codes.GroupBy(m => m.Worker), g => Assert.Equal(2, g.Select(m => m.Code).Distinct().Count()));
        // Drawn, not counted: of so many hardly two are the same.
        Assert.True(codes.Select(m => m.Code).Distinct().Count() > codes.Count - 3);

        async Task AskAsync(Telling telling, IEnumerable<long> workers)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await new ManyAsked(telling).AskAsync(connection, transaction, [.. workers], Key, Due, TestService.Start, ("n", 1), ("of", 3));
            await transaction.CommitAsync();
        }

        async Task<long> EnrolAsync(string name, string language, int n)
        {
            var id = await connection.ExecuteScalarAsync<long>(
                "insert into worker (card_number, name, language, office, enrolled_at) values (@card, @name, @language, 'NRV-01', 0) returning id", new { card = $"T{n}", name, language });
            await connection.ExecuteAsync(
                """
                insert into register_entry (worker_id, standing) values (@id, 0);
                insert into channel (worker_id, kind, address, confirmed_at, removed_at) values
                  (@id, 'sms', @first, 0, null), (@id, 'email', @mail, 0, null), (@id, 'sms', @second, 0, null),
                  (@id, 'sms', @removed, 0, 1), (@id, 'email', @never, null, null)
                """,
                new { id, first = $"+77001{n:D6}", mail = $"w{n}@example.org", second = $"+77002{n:D6}", removed = $"+77003{n:D6}", never = $"n{n}@example.org" });
            return id;
        }
    }

    [Theory, EachDatabase]
    public async Task Ask_WhereMessagesAreShown_CountAsDeliveredAtOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        await using var connection = await service.Core.Database.OpenAsync();
        var id = await connection.ExecuteScalarAsync<long>("insert into worker (card_number, name, language, office, enrolled_at) values ('T1', 'Aziz', 'en', 'NRV-01', 0) returning id");
        await connection.ExecuteAsync("insert into channel (worker_id, kind, address, confirmed_at) values (@id, 'sms', '+77001234567', 0)", new { id });
        await using var transaction = await connection.BeginTransactionAsync();
        await new ManyAsked(new Telling(service.Core.Rules, service.Core.Settings.PublicUrl, shownAtOnce: true)).AskAsync(connection, transaction, [id], Key, Due, TestService.Start, ("n", 1), ("of", 3));
        await transaction.CommitAsync();
        var at = TestService.Start.ToUnixTimeMilliseconds();
        Assert.Equal((at, at), await connection.QuerySingleAsync<(long, long)>("select sent_at, delivered_at from message"));
    }

    static string Line(long worker, string kind, string address, string language, string subject, string body, string? code) =>
        $"{worker} {kind} {address} {language} {subject} {(code is null ? body : body.Replace(code, "CODE", StringComparison.Ordinal))}";

    sealed record Row
    {
        public long Worker { get; init; }
        public string Kind { get; init; } = "";
        public string Address { get; init; } = "";
        public string Language { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Body { get; init; } = "";
        public string? Code { get; init; }
        public long CreatedAt { get; init; }
        public long? SentAt { get; init; }
        public long? DeliveredAt { get; init; }
        public string? RemindsOf { get; init; }
        public int HoldsCode { get; init; }
        public string? ActNumber { get; init; }
    }
}
