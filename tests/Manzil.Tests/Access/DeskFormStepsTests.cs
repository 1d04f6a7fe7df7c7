using Dapper;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Registrations.Desk;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Web = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Access;

/// <summary>
/// found.md 17 at the officers' and clerks' forms of more than one page: each step has an address of its own, so that Back asks nothing to
/// be sent again; the link Back leads to the step before, where the words still are; an address does nothing.
/// </summary>
public class DeskFormStepsTests
{
    const string Words = "Two neighbours confirm it.";

    [Theory, EachDatabase]
    public async Task Act_OfACase_HasAnAddressForEachStepAndBackHasTheWords(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(officer);
        await story.OpenFileAsync(officer);
        await WalkAsync(story.Service, officer.Web, $"/staff/cases/{story.Case}/keep", "Reason", Words);
    }

    [Theory, EachDatabase]
    public async Task OpenCase_WithAReason_HasAnAddressForEachStepAndBackHasTheWords(DatabaseKind kind)
    {
        await using var story = await DeskStory.NewAsync(kind);
        var officer = await story.OfficerAsync(StaffRole.Caseworker);
        await officer.Web.GetAsync("/staff/search");
        await officer.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "A letter came back."));
        await WalkAsync(story.Service, officer.Web, officer.Web.Path.Split('?')[0] + "/open", "Reason", Words);
    }

    [Theory, EachDatabase]
    public async Task Details_OfAWorker_HaveAnAddressForEachStepAndBackHasTheWords(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        await WalkAsync(desk.Service, desk.Web, $"{await desk.ServeAsync(worker)}/details", "Name", "Aziz Rahimzoda");
    }

    [Theory, EachDatabase]
    public async Task Enrolment_OfAWorker_HasAnAddressForEachStepAndBackHasTheWords(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        await WalkAsync(
            desk.Service, desk.Web, "/staff/desk/enrol", "Name", "Нурлан Асанов",
            ("State", "KGZ"), ("Number", "AN1234567"), ("BirthDate.Day", "9"), ("BirthDate.Month", "2"), ("BirthDate.Year", "1994"), ("Card", "FC7770001"), ("Spoken", "kk"));
    }

    /// <param name="field">The one that is left empty first, and then has these words.</param>
    static async Task WalkAsync(TestService service, Web web, string path, string field, string words, params (string Name, string Value)[] others)
    {
        await web.GetAsync(path);
        Assert.Equal(path + "?at=edit", web.Path);

        // An error stands beside its field, at an address.
        Assert.Equal(path + "?at=check", await TypedWordsTests.LocationAsync(web, path, [.. others, (field, ""), ("Go", "check")]));
        await web.GetAsync(path + "?at=check");
        Assert.Contains($"id=\"{field.ToLowerInvariant()}-error\"", web.Html, StringComparison.Ordinal);

        Assert.Equal(path + "?at=check", await TypedWordsTests.LocationAsync(web, path, [.. others, (field, words), ("Go", "check")]));
        await web.GetAsync(path + "?at=check");
        Assert.Contains(words, web.Text, StringComparison.Ordinal);
        Assert.Contains($"<a class=\"govuk-back-link\" href=\"{path}?at=edit\">", web.Html, StringComparison.Ordinal);
        await web.GetAsync(path + "?at=edit");
        Assert.Equal(words, web.Form()[field]);
        Assert.Contains("<a class=\"govuk-back-link\" href=\"/staff/", web.Html, StringComparison.Ordinal);

        var acts = await CountAsync(service);
        for (var i = 0; i < 2; i++) await web.GetAsync(path + "?at=do");
        Assert.Equal(acts, await CountAsync(service));
        await web.GetAsync(path + "?at=check");
        await web.PostAsync(("Go", "do"));
        Assert.Equal(acts + 1, await CountAsync(service));
    }

    static async Task<long> CountAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from act");
    }
}
