using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dapper;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Databases;
using Manzil.Tests.Faults;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Messages;

public class SmtpSecurityTests
{
    // A process of its own, whose trusted certificates can be named.
    [Theory]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task Serve_TrustedCertificateAndPassword_SendsEncrypted(string security)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        using var certificate = Certificate();
        await using var smtp = new SmtpSink(certificate, security == "tls");
        var (trusted, file) = (Path.Combine(database.DataFolder, "trusted.pem"), Path.Combine(database.DataFolder, "messages.json"));
        await File.WriteAllTextAsync(trusted, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            file, $$$"""{"smtp": {"host": "localhost", "port": {{{smtp.Port}}}, "security": "{{{security}}}", "user": "manzil", "password": "right", "from": "no-reply@manzil.example"}}""", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var core = await Population.OpenCoreAsync(database.DataFolder, database.Argument);
        await using (var connection = await core.Database.OpenAsync())
        {
            // Nothing leaves for an address that is no channel of its worker.
            await connection.ExecuteAsync("insert into worker (card_number, name, language, office, enrolled_at) select 'SINK0001', 'Aziz', 'en', 'NRV-01', 1 where not exists (select 1 from worker where id = 1)");
            await connection.ExecuteAsync("insert into channel (worker_id, kind, address, confirmed_at) values (1, 'email', @Email, 1)", new { Sinks.Email });
            var message = new OutgoingMessage(new Channel(1, "email", Sinks.Email), "en", "Manzil", "Hello", SentNow: false);
            await Outbox.AddAsync(connection, null, 1, null, message, SystemClock.Instance.GetCurrentInstant());
        }

        await using var server = await ServerProcess.StartAsync(database.DataFolder, database.Argument, ["env", $"SSL_CERT_FILE={trusted}"], messages: file);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (smtp.Taken.IsEmpty)
        {
            Assert.False(patience.IsCancellationRequested, server.Errors);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Contains(smtp.Lines, l => l.StartsWith("AUTH PLAIN", StringComparison.Ordinal));
        Assert.Equal(security == "starttls", smtp.Lines.Contains("STARTTLS"));
    }

    [Theory]
    [InlineData(SmtpSecurity.StartTls, true, "certificate")]
    [InlineData(SmtpSecurity.Tls, true, "certificate")]
    // What strips STARTTLS from the server's answer must not get the message, nor the password.
    [InlineData(SmtpSecurity.StartTls, false, "does not offer the security")]
    public async Task Send_ServerNotTrustedOrNotSecure_SendsNeitherPasswordNorMessage(SmtpSecurity security, bool offersTls, string says)
    {
        using var certificate = Certificate();
        await using var smtp = new SmtpSink(offersTls ? certificate : null, security == SmtpSecurity.Tls);
        var attempt = await SendAsync(new SmtpSettings("localhost", smtp.Port, security, "manzil", "right", Sinks.From));
        Assert.Equal(Outcome.Trouble, attempt.Outcome);
        Assert.Contains(says, attempt.Why, StringComparison.Ordinal);
        Assert.Empty(smtp.Lines.Where(l => !l.StartsWith("EHLO", StringComparison.Ordinal) && l is not ("STARTTLS" or "QUIT")));
    }

    [Fact]
    public async Task Send_WrongPassword_IsTroubleAndNotTheRecipients()
    {
        await using var smtp = new SmtpSink();
        var settings = new SmtpSettings("127.0.0.1", smtp.Port, SmtpSecurity.None, "manzil", "wrong", Sinks.From);
        Assert.Equal(new Attempt(Outcome.Trouble, "the SMTP server refuses the user or the password"), await SendAsync(settings));
        Assert.Equal(Attempt.Taken, await SendAsync(settings with { Password = "right" }));
    }

    [Fact]
    public async Task Send_NobodyListens_IsTrouble()
    {
        var port = ServerProcess.FreePort();
        Assert.Equal(new Attempt(Outcome.Trouble, "the SMTP server cannot be connected to"), await SendAsync(new SmtpSettings("127.0.0.1", port, SmtpSecurity.None, null, null, Sinks.From)));
        Assert.Equal(
            new Attempt(Outcome.Trouble, "the SMTP server cannot be connected to"), await SendAsync(new SmtpSettings("nowhere.invalid", port, SmtpSecurity.StartTls, null, null, Sinks.From)));
    }

    [Theory]
    [InlineData("no address", "what was kept as its address is none")]
    [InlineData("мекен@example.org", "the SMTP server cannot send to addresses with such letters")]
    [InlineData("a@example.org\r\nRCPT TO:<b@example.org>", null)]
    public async Task Send_AddressThatCannotBe_IsRefusedBeforeItIsSpoken(string address, string? why)
    {
        await using var smtp = new SmtpSink();
        var attempt = await SendAsync(new SmtpSettings("127.0.0.1", smtp.Port, SmtpSecurity.None, null, null, Sinks.From), address);
        Assert.Equal(Outcome.Refused, attempt.Outcome);
        if (why is not null) Assert.Equal(why, attempt.Why);
        Assert.DoesNotContain(smtp.Lines, l => l.StartsWith("RCPT", StringComparison.Ordinal));
    }

    // found.md, 22: 421 closes the line, whatever was said before it. It is no word about our address, and the operator reads which it was.
    [Fact]
    public async Task Send_Answered421AtAnyPhase_SaysSoAndNothingOfOurAddress()
    {
        foreach (var phase in Enum.GetValues<Phase>())
        {
            await using var smtp = new SmtpSink { Script = (at, _) => at == phase ? "421 4.3.2 going down" : null };
            var attempt = await SendAsync(new SmtpSettings("127.0.0.1", smtp.Port, SmtpSecurity.None, null, null, Sinks.From));
            Assert.Equal((phase, Outcome.Trouble, "the SMTP server answered 421"), (phase, attempt.Outcome, attempt.Why));
        }
    }

    // Its siblings: what does say something of our address, and what says that it may be taken later.
    [Theory]
    [InlineData("550 5.1.0 who are you", "the SMTP server does not accept our sender's address (550)")]
    [InlineData("451 4.3.0 later", "the SMTP server answered 451")]
    public async Task Send_SenderNotAccepted_SaysWhich(string answer, string why)
    {
        await using var smtp = new SmtpSink { Script = (at, _) => at == Phase.From ? answer : null };
        var attempt = await SendAsync(new SmtpSettings("127.0.0.1", smtp.Port, SmtpSecurity.None, null, null, Sinks.From));
        Assert.Equal((Outcome.Trouble, why), (attempt.Outcome, attempt.Why));
    }

    // And as the operator reads it.
    [Theory, EachDatabase]
    public async Task Run_SmtpAnswers421ToOurSender_IsTheWarningOfTheHealthPage(DatabaseKind kind)
    {
        await using var sinks = await Sinks.StartAsync(kind);
        sinks.Smtp.Script = (at, _) => at == Phase.From ? "421 4.7.0 too many connections" : null;
        await sinks.AddAsync("email");
        Assert.Equal(1, await sinks.RunAsync());
        Assert.Equal("E-mail is not sent properly since 2026-11-23T09:00:00Z: the SMTP server answered 421. Nothing is lost, and it is tried again.", Assert.Single(await sinks.WarningsAsync()));
    }

    static async Task<Attempt> SendAsync(SmtpSettings settings, string address = Sinks.Email)
    {
        using var sender = new SmtpSender(settings, "http://localhost:8080", SystemClock.Instance);
        return await sender.SendAsync(new WaitingMessage(1, "m-1-1", await Sinks.RecipientAsync("email", address), "en", "Manzil", "Hello", SystemClock.Instance.GetCurrentInstant(), 1), TestContext.Current.CancellationToken);
    }

    static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = SystemClock.Instance.GetCurrentInstant().ToDateTimeOffset();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
