using System.Net;
using Dapper;
using Manzil.Helping;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using Manzil.Tests.SignIn;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Register;

/// <summary>A key belongs to whoever files and to their door: no client reaches the keys of another, nor those of the service itself.</summary>
public class IdempotencyKeyTests
{
    const string Registration = """{"kind":"registration"}""", Confirmation = """{"kind":"confirmation"}""";
    const string Residence = $$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""";

    // A thief with the worker's session sends the keys that the service's own acts had.
    [Theory, EachDatabase]
    public async Task Keys_OfTheServicesOwnActsSentByAProgram_BlockNoneOfThem(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var service = desk.Service;
        var worker = await service.EnrolAsync(phone: "+70000000001", email: "aziz@example.com");
        var thief = new SignedInWorker(service, worker, await service.SignInAsync(worker));
        var visitor = await Visitor.SignInAsync(service, worker);
        var helper = await HelperTests.OfAsync(service, visitor, "see");
        using var reader = new WebReader(service);
        await reader.SignInAsync(worker with { ActivationCode = await NewCodeAsync(service, worker) });
        var codes = await reader.MakeRecoveryCodesAsync();

        await using var connection = await service.Core.Database.OpenAsync();
        var grant = await connection.ExecuteScalarAsync<long>("select id from helper_grant where worker_id = @Id", new { worker.Id });
        var channels = (await connection.QueryAsync<long>("select id from channel where worker_id = @Id order by id", new { worker.Id })).ToList();
        var made = (await connection.QueryAsync<(long At, int Number)>("select made_at, number from recovery_code where worker_id = @Id", new { worker.Id })).ToList();
        await thief.GiveAsync(Registration, $"helper-{grant}-withdrawn");
        await thief.GiveAsync(Residence, $"channel-{channels[0]}-removed");
        await thief.GiveAsync(Confirmation, $"channel-{channels[1]}-removed");
        foreach (var (at, number) in made) await thief.GiveAsync(Confirmation, $"recovery-{at}-{number}");
        // As they stand in the database now, too.
        await thief.GiveAsync(Confirmation, IdempotencyKey.OfService("withdraw-helper", worker.Id, $"{grant}").Stored);
        await thief.GiveAsync(Confirmation, IdempotencyKey.OfService("change-channel", worker.Id, $"{channels[0]} removed").Stored);

        await visitor.GetAsync("/helpers");
        await visitor.PostAsync("/helpers?handler=Withdraw", new() { ["id"] = $"{grant}", ["__RequestVerificationToken"] = visitor.Form()["__RequestVerificationToken"] });
        Assert.Contains("They are not told why.", visitor.Text, StringComparison.Ordinal);
        await helper.GetAsync("/helper/file");
        Assert.Equal("/helper?ended=1", helper.Path);

        await visitor.GetAsync($"/account/channel/{channels[0]}/remove");
        await visitor.PostAsync();
        Assert.StartsWith("/account?changed=", visitor.Path, StringComparison.Ordinal);
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync($"{root}/account/channel/{channels[1]}/remove");
        await desk.Web.PostAsync();
        Assert.Equal(2, await connection.ExecuteScalarAsync<long>("select count(*) from channel where worker_id = @Id and removed_at is not null", new { worker.Id }));

        foreach (var code in codes)
        {
            using var other = new WebReader(service);
            using var entered = await other.RecoverAsync(worker.CardNumber, worker.Document.BirthDate, code);
            Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        }
    }

    [Theory, EachDatabase]
    public async Task Enrol_OfficersAndHelpersWithOneTextAtOnce_AreAllDone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var keys = Enumerable.Range(0, 12).Select(i => IdempotencyKey.OfOfficer($"S{i}", "one-text"))
            .Concat(Enumerable.Range(0, 12).Select(i => IdempotencyKey.OfHelper(i, "one-text"))).ToList();
        Task<ActResult[]> AllAsync() => Task.WhenAll(keys.Select((key, i) => service.Core.Writer.SubmitAsync(EnrolmentUnder(service, key, i))));
        var first = (await AllAsync()).Select(Assert.IsType<ActResult.Accepted>).ToList();
        Assert.All(first, a => Assert.False(a.Repeated));
        Assert.Equal(keys.Count, first.Select(a => a.Number).Distinct().Count());
        // Each has its own receipt again, and no other's.
        var again = (await AllAsync()).Select(Assert.IsType<ActResult.Accepted>).ToList();
        Assert.All(again, a => Assert.True(a.Repeated));
        Assert.Equal(first.Select(a => a.Number), again.Select(a => a.Number));
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(keys.Count, await connection.ExecuteScalarAsync<long>("select count(*) from worker"));
    }

    [Theory, EachDatabase(true), EachDatabase(false)]
    public async Task Officer_OneKeyForTwoWorkers_IsToldAboutTheFirst(DatabaseKind kind, bool atOnce)
    {
        await using var service = await TestService.StartAsync(kind);
        var book = service.Services.GetRequiredService<NoticeBook>();
        var workers = new List<Worker>();
        for (var i = 0; i < 2; i++) workers.Add((await service.Core.Workers.FindAsync((await service.EnrolAsync()).Id))!);
        Task<ActResult?> GiveAsync(Worker worker) =>
            book.GiveFromPageAsync(worker, new Notice.Registration(), IdempotencyKey.OfOfficer("S1", "one-text"), [], RecordChannel.Desk);
        ActResult?[] results = atOnce ? await Task.WhenAll(workers.Select(GiveAsync)) : [await GiveAsync(workers[0]), await GiveAsync(workers[1])];
        var done = Assert.Single(results.OfType<ActResult.Accepted>());
        Assert.Equal(done.Number, Assert.Single(results.OfType<ActResult.KeyUsed>()).Number);
        await using var connection = await service.Core.Database.OpenAsync();
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from act where kind = @kind", new { kind = (int)StatementKind.Registration }));
    }

    [Theory, EachDatabase]
    public async Task Worker_OneTextByEachDoor_IsAnActEach(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var book = service.Services.GetRequiredService<NoticeBook>();
        var signedIn = await SignedInWorker.NewAsync(service);
        await signedIn.GiveAsync(Registration);
        await signedIn.GiveAsync(Residence);
        var worker = (await service.Core.Workers.FindAsync(signedIn.Worker.Id))!;
        IdempotencyKey[] keys =
        [
            IdempotencyKey.OfWorker(worker.Id, RecordChannel.Web, "one-text"), IdempotencyKey.OfWorker(worker.Id, RecordChannel.Api, "one-text"),
            IdempotencyKey.OfWorker(worker.Id, RecordChannel.Sms, "one-text"), IdempotencyKey.OfHelper(7, "one-text"), IdempotencyKey.OfOfficer("S1", "one-text"),
        ];
        async Task<List<ActResult.Accepted>> GiveAsync()
        {
            var given = new List<ActResult.Accepted>();
            foreach (var key in keys) given.Add(Assert.IsType<ActResult.Accepted>(await book.GiveFromPageAsync(worker, new Notice.Confirmation(), key, [], RecordChannel.Web)));
            return given;
        }

        var first = await GiveAsync();
        Assert.Equal(keys.Length, first.Select(a => a.Number).Distinct().Count());
        // The program's header is the same key as the one that the API makes.
        Assert.Equal(first[1].Number.ToString(), (await signedIn.GiveAsync(Confirmation, "one-text")).Number);
        await service.RestartAsync();
        book = service.Services.GetRequiredService<NoticeBook>();
        Assert.Equal(first.Select(a => a.Number), (await GiveAsync()).Select(a => a.Number));
    }

    // It cannot happen by any door; if it ever does, nobody is told that something was done, or that there was nothing to do.
    [Theory, EachDatabase]
    public async Task ServicesOwnKey_UsedForAnotherAct_IsAnError(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = (await service.Core.Workers.FindAsync((await service.EnrolAsync()).Id))!;
        var grants = service.Services.GetRequiredService<HelperGrants>();
        Assert.IsType<ActResult.Accepted>((await grants.GiveAsync(worker, "Legal aid", HelperGrant.See, 30, IdempotencyKey.New())).Result);
        await using var connection = await service.Core.Database.OpenAsync();
        var grant = await connection.ExecuteScalarAsync<long>("select id from helper_grant");
        var book = service.Services.GetRequiredService<NoticeBook>();
        Assert.IsType<ActResult.Accepted>(await book.GiveFromPageAsync(
            worker, new Notice.Registration(), IdempotencyKey.OfService("withdraw-helper", worker.Id, $"{grant}"), [], RecordChannel.Web));
        await Assert.ThrowsAsync<InvalidOperationException>(() => grants.WithdrawAsync(worker, grant));

        // The page says that something failed on the side of the service.
        var visitor = await Visitor.SignInAsync(service, new TestWorker(worker.Id, worker.CardNumber, worker.Document!, ""));
        await visitor.GetAsync("/helpers");
        await visitor.PostAsync("/helpers?handler=Withdraw", new() { ["id"] = $"{grant}", ["__RequestVerificationToken"] = visitor.Form()["__RequestVerificationToken"] });
        Assert.Equal(HttpStatusCode.InternalServerError, visitor.Status);
    }

    // Another's helper is nobody's business: neither an error nor a receipt tells that there is one.
    [Theory, EachDatabase]
    public async Task Withdraw_HelperOfAnotherWorker_IsNotFoundBeforeAndAfter(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (owner, other) = ((await service.Core.Workers.FindAsync((await service.EnrolAsync()).Id))!, (await service.Core.Workers.FindAsync((await service.EnrolAsync()).Id))!);
        var grants = service.Services.GetRequiredService<HelperGrants>();
        Assert.IsType<ActResult.Accepted>((await grants.GiveAsync(owner, "Legal aid", HelperGrant.See, 30, IdempotencyKey.New())).Result);
        await using var connection = await service.Core.Database.OpenAsync();
        var grant = await connection.ExecuteScalarAsync<long>("select id from helper_grant");
        Assert.Equal(new ActResult.Refused("not-found"), await grants.WithdrawAsync(other, grant));
        var withdrawn = Assert.IsType<ActResult.Accepted>(await grants.WithdrawAsync(owner, grant));
        Assert.Equal(new ActResult.Refused("not-found"), await grants.WithdrawAsync(other, grant));
        Assert.Equal(withdrawn.Number, Assert.IsType<ActResult.Accepted>(await grants.WithdrawAsync(owner, grant)).Number);
    }

    [Fact]
    public void Stored_OfAnyTwoFilersDoorsOrTexts_Differs()
    {
        string[] texts = ["", "1", "1 removed", "worker/api/x", "a\0b", "b", "service", new('k', IdempotencyKey.MaxLength)];
        var keys = new List<IdempotencyKey>();
        foreach (var text in texts)
        {
            foreach (var id in (long[])[1, 11, 111])
            {
                foreach (var door in Enum.GetValues<RecordChannel>()) keys.Add(IdempotencyKey.OfWorker(id, door, text));
                keys.AddRange(IdempotencyKey.OfHelper(id, text), IdempotencyKey.OfOfficer($"{id}", text));
                foreach (var what in (string[])["reissue-receipt", "change-channel"]) keys.AddRange(IdempotencyKey.OfService(what, id, text), IdempotencyKey.OfService(what, null, text));
            }

            keys.Add(IdempotencyKey.OfOfficer(new string('9', 200), text));
        }

        var distinct = keys.Distinct().ToList();
        Assert.Equal(distinct.Count, distinct.Select(k => (k.Worker, k.Stored)).Distinct().Count());
        // A worker's are told apart by the worker's column as well as by the text; all others by the text alone.
        Assert.Equal(distinct.Count, distinct.Select(k => k.Stored).Distinct(StringComparer.Ordinal).Count());
        Assert.All(keys, k => Assert.True(k.Stored.Length <= 100, k.Stored));
        Assert.All(keys, k => Assert.Equal(k.Worker is not null, k.Stored.StartsWith("worker/", StringComparison.Ordinal)));
    }

    static async Task<string> NewCodeAsync(TestService service, TestWorker worker)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await ActivationCodes.IssueAsync(connection, null, worker.Id, service.Clock.GetCurrentInstant() + NodaTime.Duration.FromDays(1));
    }

    static Enrol EnrolmentUnder(TestService service, IdempotencyKey key, int i)
    {
        var document = new IdentityDocument("UZB", $"KK{i:D7}", new NodaTime.LocalDate(1990, 5, 17));
        return new Enrol(new Enrolment($"KC{i:D7}", $"Aziz Rahimov {i}", document, service.Core.Rules.DefaultOffice.Code.Value, "en", null, null), service.Core.Rules, new byte[32])
        {
            ReceivedAt = service.Clock.GetCurrentInstant(),
            Channel = RecordChannel.Desk,
            IdempotencyKey = key,
            // All ask for the same: only the filer tells them apart.
            ContentHash = Sha256.Hash([1]),
        };
    }
}
