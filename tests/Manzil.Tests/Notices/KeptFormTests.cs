using System.Net;
using Dapper;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Notices;

/// <summary>A page that could not be taken keeps what was typed, says so in the reader's language, and counts as in time when it is sent again.</summary>
public class KeptFormTests
{
    const string Registration = """{"kind":"registration"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";
    static readonly Instant DueEnds = Instant.FromUtc(2026, 12, 23, 21, 0);

    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "We could not take it just now", "Send again", "You tried on 23 December 2026, 23:59.")]
    [InlineData(DatabaseKind.Sqlite, "kk", "Қазір қабылдай алмадық", "Қайта жіберу", "2026 жылғы 23 желтоқсан, 23:59")]
    [InlineData(DatabaseKind.Postgres, "ru", "Сейчас не удалось это принять", "Отправить ещё раз", "23 декабря 2026 г., 23:59")]
    public async Task Post_WhileTheQueueIsFull_KeepsTheFormAndOneButtonSendsItAgainInTime(DatabaseKind kind, string lang, string heading, string button, string when)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await ToldAsync(service);
        service.Clock.Reset(DueEnds - Duration.FromMinutes(1));
        var visitor = await Visitor.SignInAsync(service, worker, lang);
        await visitor.GetAsync("/confirmation");
        var shown = visitor.Form();
        await service.WhileFullAsync(() => visitor.PostAsync());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, heading), (visitor.Status, visitor.Heading));
        Assert.NotNull(visitor.Answer.Headers.RetryAfter);
        Assert.Contains(button, visitor.Text, StringComparison.Ordinal);
        Assert.Contains(when, visitor.Text, StringComparison.Ordinal);
        Assert.Equal(shown.OrderBy(f => f.Key), visitor.Form().Where(f => f.Key != "TurnedAway").OrderBy(f => f.Key));

        service.Clock.Advance(Duration.FromMinutes(2));
        await visitor.PostAsync();
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        var said = await NewestAsync(service);
        Assert.Equal(("turned-away", "2026-12-23T20:59:00Z", "2026-12-23"), (said["in-time"], said["sent-at"], said["deadline"]));
    }

    [Theory, EachDatabase]
    public async Task Post_ResidenceTypedWithEverySign_ComesBackUnchangedAndIsGivenOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var visitor = await Visitor.SignInAsync(service, worker);
        await visitor.GetAsync("/registration");
        await visitor.PostAsync();
        await visitor.GetAsync("/residence");
        await visitor.PostAsync(("From.Day", "1"), ("From.Month", "11"), ("From.Year", "2026"), ("Go", "address"));
        await visitor.PostAsync(("Go", "check"), ("Locality", "Нагорный \"O'Brien\" <b>&amp;"), ("Note", "the white house\r\nbehind the mill"));
        await service.WhileFullAsync(() => visitor.PostAsync(("Go", "give")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, visitor.Status);
        await service.WhileFullAsync(() => visitor.PostAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, visitor.Status);
        Assert.DoesNotContain("<b>", visitor.Html);
        var form = visitor.Form();
        await visitor.PostAsync();
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        var given = visitor.Path;
        await visitor.PostAsync("/residence", form);
        Assert.Equal(given, visitor.Path);
        Assert.Contains("Нагорный \"O'Brien\" <b>&amp;", visitor.Text, StringComparison.Ordinal);
        Assert.Contains("the white house behind the mill", visitor.Text, StringComparison.Ordinal);
    }

    // Nobody can be looked up, so the page is in the language that the phone asks for, and holds the form all the same.
    [Fact]
    public async Task Post_WhileTheDatabaseIsGone_KeepsTheFormAndCountsAsInTime()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        var worker = await ToldAsync(service);
        service.Clock.Reset(DueEnds - Duration.FromMinutes(2));
        var visitor = await Visitor.SignInAsync(service, worker, "ru");
        await visitor.GetAsync("/");
        service.Clock.Advance(Duration.FromSeconds(60));
        await using (var connection = await service.Database.OpenAsync())
        {
            await connection.ExecuteAsync("alter table session rename to elsewhere");
            await visitor.PostAsync();
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "Сейчас не удалось это принять"), (visitor.Status, visitor.Heading));
            await connection.ExecuteAsync("alter table elsewhere rename to session");
        }

        service.Clock.Advance(Duration.FromMinutes(2));
        Assert.Equal("/confirmation", visitor.FormAction);
        await visitor.PostAsync();
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Equal("2026-12-23T20:59:00Z", (await NewestAsync(service))["sent-at"]);
    }

    [Fact]
    public async Task Post_KeptFormWithAnotherAnswer_IsGivenWithoutAMark()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await ToldAsync(service);
        service.Clock.Reset(DueEnds - Duration.FromMinutes(1));
        var visitor = await Visitor.SignInAsync(service, worker);
        await visitor.GetAsync("/confirmation");
        await service.WhileFullAsync(() => visitor.PostAsync());
        service.Clock.Advance(Duration.FromMinutes(2));
        await visitor.PostAsync(("Key", Guid.NewGuid().ToString("N")));
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Empty(await NewestAsync(service));
    }

    // Codes and passwords are in no page that comes back.
    [Fact]
    public async Task Post_OfAnotherPageWhileTheDatabaseIsGone_KeepsNothing()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Postgres);
        await ToldAsync(service);
        var visitor = await Visitor.SignInAsync(service, await service.EnrolAsync());
        service.Clock.Advance(Duration.FromSeconds(60));
        await visitor.GetAsync("/sign-in");
        await using var connection = await service.Database.OpenAsync();
        await connection.ExecuteAsync("alter table worker rename to elsewhere");
        await visitor.PostAsync(("ActivationCode", "SECRET-SECRET"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, visitor.Status);
        Assert.DoesNotContain("SECRET", visitor.Html);
        await connection.ExecuteAsync("alter table elsewhere rename to worker");
    }

    static async Task<TestWorker> ToldAsync(TestService service)
    {
        var worker = await SignedInWorker.NewAsync(service);
        await worker.GiveAsync(Registration);
        await worker.GiveAsync(Residence);
        return worker.Worker;
    }

    static async Task<IReadOnlyDictionary<string, string>> NewestAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return Record.Decode(await connection.ExecuteScalarAsync<byte[]>("select record from act order by leaf desc limit 1")).Particulars.Remove(GiveNotice.Confirms);
    }
}
