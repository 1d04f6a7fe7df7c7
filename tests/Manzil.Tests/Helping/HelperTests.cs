using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Staff;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Register;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Helping;

/// <summary>A worker's helper: named with a fresh sign-in, let in by a code that works once, seen at every look, withdrawn in one tap.</summary>
public partial class HelperTests
{
    [Theory, EachDatabase]
    public async Task Helper_FromCodeToWithdrawal_SeesActsAndIsSeen(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var worker = await setting.VisitAsync();
        var code = await NameAsync(worker, "Legal aid, Nagorny", "act");
        // The code is kept as a digest alone, and shown by nobody again.
        Assert.DoesNotContain(code.Replace("-", ""), await TableDump.ReadAsync(service.Core.Database), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Legal aid, Nagorny", (await worker.GetAsync("/")).Text, StringComparison.Ordinal);

        var helper = new Visitor(service, "nobody", "en");
        await EnterAsync(helper, "0000-0000-0000-0000");
        Assert.Contains("This code does not work.", helper.Text, StringComparison.Ordinal);
        await EnterAsync(helper, code.ToLowerInvariant().Replace("-", " "));
        Assert.Equal("/helper/file", helper.Path);
        Assert.Contains("You are here as their helper: Legal aid, Nagorny.", helper.Text, StringComparison.Ordinal);
        Assert.Contains(CaseSetting.Reason, helper.Text, StringComparison.Ordinal);
        var looked = Assert.Single(await service.Services.GetRequiredService<Looks>().OfAsync(setting.Worker.Worker.Id));
        Assert.Equal(("Legal aid, Nagorny", Looks.File), (looked.Helper, looked.What));
        Assert.Contains("Your helper Legal aid, Nagorny", (await worker.GetAsync("/looks")).Text, StringComparison.Ordinal);

        // The same code lets nobody else in.
        var thief = new Visitor(service, "nobody", "en");
        await EnterAsync(thief, code);
        Assert.Contains("This code does not work.", thief.Text, StringComparison.Ordinal);

        await helper.GetAsync("/helper/answer");
        await helper.PostFilesAsync([("Text", "She lives there, I visit her.")], ("a.jpg", TaggedFiles.Jpeg()));
        Assert.StartsWith("/helper/file?done=", helper.Path, StringComparison.Ordinal);
        Assert.Contains("A helper, for the worker", (await worker.GetAsync("/case")).Text, StringComparison.Ordinal);
        var number = helper.Path.Split('=')[1];
        // Nobody is told that they answered who did not.
        var told = Assert.Single((await Manzil.Messages.Outbox.NewestAsync(service.Core.Database, 100)).Where(m => m.ActNumber == number)).Body;
        Assert.Contains("a helper answered in your case", told, StringComparison.Ordinal);
        Assert.DoesNotContain("your answer", told, StringComparison.OrdinalIgnoreCase);
        await worker.GetAsync($"/notices/{number}");
        Assert.Contains("Sent by A helper, for the worker", worker.Text, StringComparison.Ordinal);

        // A look at a file is written down too, before it is shown.
        await using var connection = await service.Core.Database.OpenAsync();
        var id = await connection.ExecuteScalarAsync<long>("select id from attachment");
        await helper.GetAsync($"/helper/files/{id}");
        Assert.Equal("image/jpeg", helper.Answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from look where what = 'document' and helper is not null"));

        // Nothing else of the worker's is there for a helper.
        foreach (var path in new[] { "/account", "/case", "/notices", $"/notices/{number}", "/messages", "/account/export", "/confirmation", "/departure", "/helpers", "/looks" })
        {
            await helper.GetAsync(path);
            Assert.StartsWith("/sign-in", helper.Path, StringComparison.Ordinal);
        }

        // One tap on the first page, and the next request is the last.
        await worker.GetAsync("/");
        var withdrawing = WithdrawForm().Match(worker.Html).Value;
        Assert.NotEmpty(withdrawing);
        await worker.PostAsync("/helpers?handler=Withdraw", new() { ["id"] = Id().Match(withdrawing).Groups[1].Value, ["__RequestVerificationToken"] = Token().Match(withdrawing).Groups[1].Value });
        Assert.Contains("They are not told why.", worker.Text, StringComparison.Ordinal);
        var before = await connection.ExecuteScalarAsync<long>("select count(*) from look");
        await helper.GetAsync("/helper/file");
        Assert.Equal("/helper?ended=1", helper.Path);
        Assert.Contains("Your access has ended.", helper.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Rahimov", helper.Html, StringComparison.Ordinal);
        Assert.Equal(before, await connection.ExecuteScalarAsync<long>("select count(*) from look"));
        Assert.Equal(["helper-given", "helper-withdrawn"], await KindsAsync(setting));
    }

    [Theory, EachDatabase]
    public async Task Helper_WhoMaySee_CannotSendAndIsOutWithTheLastDay(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var worker = await setting.VisitAsync();
        await worker.GetAsync("/helpers/new");
        Assert.DoesNotContain("value=\"act\"", worker.Html, StringComparison.Ordinal);
        await worker.PostAsync(("Name", "Sister"), ("Scope", "act"), ("Days", "1"));
        Assert.Equal(HttpStatusCode.Conflict, worker.Status);
        var code = await NameAsync(worker, "Sister", "see", "1");
        await setting.OpenAsync();
        var helper = new Visitor(service, "nobody", "en");
        await EnterAsync(helper, code);
        Assert.Contains(CaseSetting.Reason, helper.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await helper.GetAsync("/helper/answer")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await helper.GetAsync("/helper/appeal")).Status);
        service.Clock.AdvanceDays(1);
        Assert.Equal("/helper/file", (await helper.GetAsync("/helper/file")).Path);
        service.Clock.AdvanceDays(1);
        Assert.Equal("/helper?ended=1", (await helper.GetAsync("/helper/file")).Path);
    }

    [Theory, EachDatabase]
    public async Task New_WithoutAFreshSignInOrWrongly_IsNotDone(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var worker = await setting.VisitAsync();
        await worker.GetAsync("/helpers/new");
        await worker.PostAsync(("Name", " "), ("Scope", "all"), ("Days", "91"));
        Assert.Equal(HttpStatusCode.BadRequest, worker.Status);
        foreach (var field in new[] { "name", "scope", "days" }) Assert.Contains($"href=\"#{field}\"", worker.Html, StringComparison.Ordinal);
        service.Clock.AdvanceMinutes(16);
        await worker.GetAsync("/helpers/new");
        Assert.StartsWith("/sign-in/fresh", worker.Path, StringComparison.Ordinal);
        Assert.Equal(0, await setting.CountAsync("helper_grant"));
    }

    // A form sent twice names one helper, and its code is shown once.
    [Theory, EachDatabase]
    public async Task New_SentTwice_ShowsTheCodeOnce(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        var worker = await (await setting.VisitAsync()).GetAsync("/helpers/new");
        var fields = worker.Form();
        (fields["Name"], fields["Scope"], fields["Days"]) = ("Sister", "see", "7");
        await worker.PostAsync("/helpers/new", fields);
        Assert.Matches(Code(), worker.Html);
        await worker.PostAsync("/helpers/new", fields);
        Assert.DoesNotMatch(Code(), worker.Html);
        Assert.Equal("The code was shown already", worker.Heading);
        Assert.Equal(1, await setting.CountAsync("helper_grant"));
    }

    [Theory, EachDatabase]
    public async Task Enter_ManyWrongCodes_AreSlowed(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var visitor = new Visitor(service, "nobody", "en");
        var slowed = false;
        for (var i = 0; i < 40 && !slowed; i++)
        {
            await EnterAsync(visitor, $"AAAA-BBBB-CCCC-D{i:D3}");
            slowed = visitor.Status == HttpStatusCode.TooManyRequests;
        }

        Assert.True(slowed);
        Assert.NotNull(visitor.Answer.Headers.RetryAfter);
    }

    internal static async Task<string> NameAsync(Visitor worker, string name, string scope, string days = "30")
    {
        await worker.GetAsync("/helpers/new");
        await worker.PostAsync(("Name", name), ("Scope", scope), ("Days", days));
        Assert.Equal(HttpStatusCode.OK, worker.Status);
        var code = Code().Match(worker.Html);
        Assert.True(code.Success);
        return code.Value;
    }

    /// <summary>A helper of this worker's, who has entered their code.</summary>
    internal static async Task<Visitor> OfAsync(TestService service, Visitor worker, string scope = "act")
    {
        var helper = new Visitor(service, "nobody", "en");
        await EnterAsync(helper, await NameAsync(worker, "Legal aid", scope));
        Assert.Equal("/helper/file", helper.Path);
        return helper;
    }

    internal static async Task EnterAsync(Visitor helper, string code)
    {
        await helper.GetAsync("/helper");
        await helper.PostAsync(("Code", code));
    }

    static async Task<List<string>> KindsAsync(CaseSetting setting) =>
        (await setting.Worker.ReadAsync("/api/v1/notices")).GetProperty("notices").EnumerateArray().Select(n => n.GetProperty("kind").GetString()!)
            .Where(k => k.StartsWith("helper", StringComparison.Ordinal)).Reverse().ToList();

    [GeneratedRegex("[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", RegexOptions.None, 5000)]
    private static partial Regex Code();

    [GeneratedRegex("<form[^>]*handler=Withdraw.*?</form>", RegexOptions.Singleline, 5000)]
    private static partial Regex WithdrawForm();

    [GeneratedRegex("name=\"id\" value=\"([0-9]+)\"", RegexOptions.None, 5000)]
    private static partial Regex Id();

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", RegexOptions.None, 5000)]
    private static partial Regex Token();
}
