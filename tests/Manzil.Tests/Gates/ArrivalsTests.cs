using System.Text.RegularExpressions;
using Dapper;
using Manzil.Receipts;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.Tests.Cases;
using Manzil.Tests.Databases;
using Manzil.Tests.Messages;
using Manzil.Tests.Privacy;
using MimeKit;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Gates;

/// <summary>
/// privacy.md 8: what arrives at the sockets, envelope and all, is what the register's messages say, to the channels that the workers gave,
/// one message to one recipient each, and nothing beside it.
/// </summary>
public partial class ArrivalsTests
{
    static readonly string[] letterHeads = ["Auto-Submitted", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-Id", "Subject", "To"];

    [Theory, EachDatabase]
    public async Task Send_EveryKindOfMessage_ReachesTheWorkersOwnChannelsAndNobodyElse(DatabaseKind kind)
    {
        // As in the demo every message counts as delivered with the act, so that a case can go on; here it is sent all the same.
        await using var sinks = await Sinks.StartAsync(kind, demo: true);
        var service = sinks.Service;
        // What the workers gave, as the test knows it: the register is not asked who may be written to.
        var given = new Dictionary<long, HashSet<string>>();
        var sentinel = await Sentinel.LiveAsync(service);
        given[sentinel.Id] = ["+77777000123", "zukhra@example.org"];
        var walk = await CaseWalk.BeginAsync(service);
        (string State, string Language, string? Phone, string? Email)[] people =
        [
            ("UZB", "ru", "+70000000011", null), ("TJK", "kk", null, "tj@example.org"), ("VNM", "en", "+70000000013", "vn@example.org"), ("D", "ru", null, "de@example.net"),
        ];
        foreach (var (state, language, phone, email) in people)
        {
            var document = new IdentityDocument(state, $"AR{given.Count:D7}", new LocalDate(1980 + given.Count, 5, 17));
            var worker = await walk.RegisteredAsync(new Enrolment($"AR{given.Count:D7}", "Aziz Rahimov", document, walk.Rules.Offices[given.Count % walk.Rules.Offices.Count].Code.Value, language, phone, email));
            given[worker] = [.. new[] { phone, email }.OfType<string>()];
            service.Clock.AdvanceMinutes(1);
            await walk.DoneAsync(worker, CaseAct.OpenWithReason, "C");
        }

        service.Clock.AdvanceDays(16);
        await walk.OpenEverythingAsync();
        var last = given.Keys.Last();
        foreach (var worker in given.Keys.Skip(1)) await walk.DoneAsync(worker, CaseAct.ProposeRemoval, "P");
        foreach (var worker in given.Keys.Skip(1)) await walk.DoneAsync(worker, CaseAct.Agree, "A");
        await walk.DoneAsync(last, CaseAct.Appeal, "worker");
        await walk.DoneAsync(last, CaseAct.DecideAppealForWorker, "R");

        await using var connection = await service.Core.Database.OpenAsync();
        // As if written now: none is given up for its age.
        await connection.ExecuteAsync("update message set created_at = @now, next_attempt_at = null, sent_at = null, failed_at = null", new { now = sinks.Now.ToUnixTimeMilliseconds() });
        await connection.ExecuteAsync("delete from message_code");
        var written = (await connection.QueryAsync<(long Worker, string Kind, string Address, string Subject, string Body)>("select worker_id, channel_kind, address, subject, body from message")).ToList();
        await sinks.RunAsync();

        Assert.Empty(await connection.QueryAsync<string>("select failure from message where failed_at is not null"));
        Assert.True(written.Count > 25, $"{written.Count} messages");
        Assert.Empty(written.Where(w => !given[w.Worker].Contains(w.Address)));
        var (mails, texts) = (written.Where(w => w.Kind == "email").ToList(), written.Where(w => w.Kind == "sms").ToList());

        // SMTP: the commands, one by one.
        var commands = sinks.Smtp.Lines.Select(l => l.Split(' ', ':')[0].ToUpperInvariant()).ToList();
        Assert.Empty(commands.Except(["EHLO", "MAIL", "RCPT", "DATA", "NOOP", "RSET", "QUIT"]));
        Assert.Equal((mails.Count, mails.Count, mails.Count), (commands.Count(c => c == "MAIL"), commands.Count(c => c == "RCPT"), commands.Count(c => c == "DATA")));
        Assert.All(sinks.Smtp.Lines.Where(l => l.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase)), l => Assert.Matches(@"^MAIL FROM:<no-reply@manzil\.example>( (SIZE=\d+|BODY=[0-9A-Z]+|SMTPUTF8))*$", l));
        Assert.Equal(
            mails.Select(m => m.Address).Order(StringComparer.Ordinal),
            sinks.Smtp.Lines.Where(l => l.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase)).Select(l => Recipient().Match(l).Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.Equal(mails.Select(m => (m.Address, m.Subject, Plain(m.Body))).Order(), sinks.Smtp.Taken.Select(t => (t.To.Mailboxes.Single().Address, t.Subject!, Plain(t.TextBody))).Order());
        Assert.All(sinks.Smtp.Taken, mail =>
        {
            Assert.Empty(mail.Headers.Select(h => h.Field).Concat(mail.Body!.Headers.Select(h => h.Field)).Except(letterHeads, StringComparer.OrdinalIgnoreCase));
            Assert.Equal((1, 0, 0, 0), (mail.To.Count, mail.Cc.Count, mail.Bcc.Count, mail.ReplyTo.Count));
            Assert.Equal(("no-reply@manzil.example", "Manzil"), (mail.From.Mailboxes.Single().Address, mail.From.Mailboxes.Single().Name));
            Assert.Equal("text/plain", Assert.IsType<TextPart>(mail.Body).ContentType.MimeType);
            Assert.True(mail.Headers.Concat(mail.Body.Headers).Single(h => h.Id == HeaderId.ContentLanguage).Value is "en" or "ru" or "kk");
        });

        // The gateway: the sink itself refuses a body with a further member, another path and another method.
        Assert.Equal((0, texts.Count), (sinks.Gateway.Elsewhere, sinks.Gateway.Requests));
        Assert.Equal(texts.Select(t => (t.Address, t.Body)).Order(), sinks.Gateway.Taken.Select(t => (t.To, t.Text)).Order());
        Assert.Equal(["Content-Length Content-Type Host Manzil-Signature Manzil-Timestamp"], sinks.Gateway.Headers.Distinct());

        // Nobody was given a further channel, and no officer's or stranger's address is kept beside a worker's.
        Assert.Empty((await connection.QueryAsync<(long Worker, string Address)>("select worker_id, address from channel")).Where(c => !given[c.Worker].Contains(c.Address)));
        // Nor does a file leave: the data folder has what it has.
        Assert.Empty(Directory.EnumerateFiles(service.DataFolder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(service.DataFolder, f))
            .Where(f => !KnownFile().IsMatch(f)));
    }

    // Somebody puts a message for another address beside a worker's own, in the register itself: it goes to nobody.
    [Theory, EachDatabase]
    public async Task Send_ToAnAddressThatIsNoChannelOfTheWorker_IsRefusedAtTheGate(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        var mine = await sinks.Service.EnrolAsync(phone: null, email: "mine@example.org");
        await sinks.Service.EnrolAsync(phone: null, email: "other@example.org");
        await using var connection = await sinks.Service.Core.Database.OpenAsync();
        foreach (var address in new[] { "police@interior.invalid", "other@example.org" })
        {
            await connection.ExecuteAsync(
                "insert into message (worker_id, channel_kind, address, language, subject, body, created_at) values (@Id, 'email', @address, 'en', 'For you', 'b', @at)", new { mine.Id, address, at = sinks.Now.ToUnixTimeMilliseconds() });
        }

        await sinks.RunAsync();
        Assert.DoesNotContain(sinks.Smtp.Taken, m => m.Subject == "For you");
        Assert.All(sinks.Smtp.Taken, m => Assert.Contains(m.To.Mailboxes.Single().Address, new[] { "mine@example.org", "other@example.org" }));
        Assert.Equal(2, (await connection.QueryAsync<string>("select failure from message where subject = 'For you' and failed_at is not null")).Count(f => f.Contains("no channel", StringComparison.Ordinal)));
    }

    // A gateway that answers "go elsewhere": nobody goes.
    [Fact]
    public async Task Send_GatewayRedirects_GoesNowhereElse()
    {
        await using var sinks = await Sinks.StartAsync(DatabaseKind.Sqlite);
        await using var elsewhere = await GatewaySink.StartAsync(SystemClock.Instance);
        sinks.Gateway.Script = (http, _) =>
        {
            http.Response.StatusCode = 307;
            http.Response.Headers.Location = elsewhere.Url.ToString();
            return Task.FromResult(true);
        };
        await sinks.AddAsync("sms");
        await sinks.RunAsync();
        Assert.Equal((0, 0), (elsewhere.Requests, elsewhere.Elsewhere));
    }

    static string Plain(string? text) => (text ?? "").ReplaceLineEndings("\n").TrimEnd();

    [GeneratedRegex("^RCPT TO:<([^>]+)>$", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Recipient();

    [GeneratedRegex(@"^(manzil\.db(-wal|-shm)?|keys/(statement-key\.pem|log-key\.txt|published-checkpoint))$", RegexOptions.None, 5000)]
    private static partial Regex KnownFile();
}
