using System.Data;
using System.Data.Common;
using Dapper;
using Manzil.Layout;
using Manzil.Register;
using Manzil.SignIn;
using NodaTime;
using Npgsql;

namespace Manzil.Messages;

/// <summary>
/// Asks many workers the same: worded once for each language and kind of channel, and the database puts in the first name
/// and the code with which an SMS is answered. So no person's row travels, and thousands are asked in the time that the rows
/// take to write (docs/decisions/0025). Each message is what <see cref="Telling.AskAll"/> would have worded.
/// </summary>
public sealed class ManyAsked(Telling telling)
{
    // Stand in the wording for what the database puts in. No text and no name holds such characters.
    const string Name = "\u0001", Code = "\u0002", Mark = "\u0003";

    static readonly string[] Kinds = ["sms", "email"];

    /// <param name="workers">Without repetition.</param>
    /// <param name="remindsOf">The due date of which the messages remind, and their date in words.</param>
    /// <param name="more">Further values of the texts.</param>
    public async Task AskAsync(DbConnection connection, DbTransaction transaction, IReadOnlyCollection<long> workers, string key, LocalDate remindsOf, Instant at, params (string, object)[] more)
    {
        var values = new DynamicParameters();
        var rows = new List<string>();
        var sentNow = false;
        foreach (var language in Language.All.Keys)
        {
            foreach (var kind in Kinds)
            {
                var worded = telling.To(new Channel(0, kind, "", Mark: Mark), language, key, [("name", Name), ("date", remindsOf), ("code", Code), .. more]);
                sentNow = worded.SentNow;
                var n = rows.Count;
                rows.Add($"(@l{n}, @k{n}, @s{n}, @b{n})");
                values.Add($"l{n}", language);
                values.Add($"k{n}", kind);
                values.Add($"s{n}", worded.Subject);
                values.Add($"b{n}", worded.Body);
            }
        }

        // As many as there can be messages; should there be more, some serve twice.
        var codes = workers.Count * Channels.MaxOfOneWorker;
        values.Add("keys", Database.Many(connection, workers));
        values.Add("codes", SecretCode.NewShort(codes));
        values.Add("at", at.ToUnixTimeMilliseconds());
        values.Add("told", sentNow ? at.ToUnixTimeMilliseconds() : null, DbType.Int64);
        values.Add("remindsOf", IsoDate.Write(remindsOf));

        var postgres = connection is NpgsqlConnection;
        var wording = $"wording (language, kind, subject, body) as (values {string.Join(", ", rows)})";
        var insert =
            $"""
            insert into message (worker_id, channel_kind, address, language, subject, body, created_at, sent_at, delivered_at, reminds_of, reply_code)
            select id, kind, address, language, replace(subject, '{Name}', first_name), replace(replace(replace(body, '{Name}', first_name), '{Code}', code), '{Mark}', mark),
                   @at, @told, @told, @remindsOf, case kind when 'sms' then code end
            from (
              select *, {Read(postgres, $"substr(@codes, cast({SecretCode.ShortLength} * ((row_number() over () - 1) % {codes}) + 1 as integer), {SecretCode.ShortLength})")} as code
              from person where plain
            ) as p
            """;
        var others = "select distinct id from person where not plain";
        var sql = postgres
            ? $"with {wording}, {Person(connection)}, written as ({insert}) {others}"
            : $"with {wording}, {Person(connection)} {insert}; with {wording}, {Person(connection)} {others}";
        var notPlain = (await connection.QueryAsync<long>(sql, values, transaction)).ToList();
        if (notPlain.Count == 0) return;

        foreach (var worker in (await Worker.LoadAsync(connection, transaction, notPlain)).Values)
        {
            foreach (var message in telling.AskAll(worker, key, [("name", worker.FirstName), ("date", remindsOf), .. more]))
                await Outbox.AddAsync(connection, transaction, worker.Id, null, message, at, remindsOf);
        }
    }

    /// <summary>
    /// Each channel of each worker. Not plain is whose first name an SMS cuts (<see cref="SmsText.FirstName"/>; a letter beyond
    /// the basic plane counts as two there), whose name is written from right to left (<see cref="Typing.Isolated"/>), and whose language
    /// the service no longer has: they are worded one by one.
    /// </summary>
    static string Person(DbConnection connection)
    {
        const string FromTheRight = "char(1424) || '-' || char(2303) || char(8234) || '-' || char(8238) || char(8294) || '-' || char(8297) || char(64285) || '-' || char(65022)";
        var postgres = connection is NpgsqlConnection;
        return $"""
        person as {(postgres ? "materialized" : "")} (
          select p.id, p.language, p.first_name, p.kind, p.address, p.mark, w.subject, w.body,
                 w.body is not null and p.mark is not null and {(postgres
                     // As many bytes are never more letters.
                     ? $@"(octet_length(p.first_name) <= {SmsText.NameMax} or p.first_name ~ '^[\u0001-\uffff]{{0,{SmsText.NameMax}}}$') and p.first_name !~ '[\u0590-\u08ff\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefe]'"
                     : $"length(p.first_name) <= {SmsText.NameMax} and p.first_name not glob '*[' || char(65536) || '-' || char(1114111) || ']*' and p.first_name not glob '*[' || {FromTheRight} || ']*'")} as plain
          from (
            select w.id, w.language, {(postgres ? "split_part(w.name, ' ', 1)" : "substr(w.name, 1, instr(w.name || ' ', ' ') - 1)")} as first_name, c.kind, c.address, c.mark
            from worker w
            join channel c on c.worker_id = w.id and c.confirmed_at is not null and c.removed_at is null
            where {Database.InMany(connection, "w.id")}
          ) as p
          left join wording w on w.language = p.language and w.kind = p.kind
        )
        """;
    }

    static string Read(bool postgres, string bytes) => postgres ? $"encode({bytes}, 'escape')" : $"cast({bytes} as text)";
}
