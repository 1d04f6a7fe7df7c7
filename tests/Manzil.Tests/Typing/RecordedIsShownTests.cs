using System.Text.Json;
using System.Text.RegularExpressions;
using Manzil.Tests.Databases;
using Manzil.Typing;

namespace Manzil.Tests.Typing;

/// <summary>
/// For every text field and every door, whatever is typed: what is recorded is what is shown is what is verified, nothing that is not seen
/// is in it, and it is in form C. What is named as wrong leaves nothing. MANZIL_SEED tries other texts than each run's.
/// </summary>
public sealed partial class RecordedIsShownTests
{
    static readonly ulong Seed = ulong.TryParse(Environment.GetEnvironmentVariable("MANZIL_SEED"), out var seed) ? seed : 20261201;

    /// <param name="Lines">What of doors.txt it is.</param>
    /// <param name="Texts">How many are tried on SQLite; on PostgreSQL a quarter.</param>
    /// <param name="NoReceipt">Why no receipt has it; null where one has.</param>
    sealed record Tried(string[] Lines, int Texts, Func<DatabaseKind, int, Task<TextDoor>> Open, string? NoReceipt = null);

    const string Looked = "a look leaves no receipt: whoever was looked at reads it in the service";

    static readonly Dictionary<string, Tried> Doors = new()
    {
        ["address by program"] = new(["member Manzil.Notices.NoticeJson building", "member Manzil.Notices.NoticeJson locality", "member Manzil.Notices.NoticeJson note", "member Manzil.Notices.NoticeJson postcode", "member Manzil.Notices.NoticeJson street", "member Manzil.Notices.NoticeJson unit"], 20, TextDoorsOfWorkers.AddressByProgramAsync),
        ["address"] = new(["page Manzil.Notices.ResidencePage Building", "page Manzil.Notices.ResidencePage Locality", "page Manzil.Notices.ResidencePage Note", "page Manzil.Notices.ResidencePage Postcode", "page Manzil.Notices.ResidencePage Street", "page Manzil.Notices.ResidencePage Unit"], 20, TextDoorsOfWorkers.AddressOnThePageAsync),
        ["answer"] = new(["page Manzil.Cases.Mine.AnswerPage Text", "member Manzil.Cases.Mine.CaseForms Text"], 20, TextDoorsOfWorkers.AnswerOnThePageAsync),
        ["answer by program"] = new(["member Manzil.Cases.Mine.CaseForms Text"], 20, TextDoorsOfWorkers.AnswerByProgramAsync),
        ["answer of a helper"] = new(["page Manzil.Helping.Door.HelperAnswerPage Text"], 12, TextDoorsOfWorkers.AnswerOfAHelperAsync),
        ["appeal"] = new(["page Manzil.Cases.Mine.AppealPage Text"], 8, TextDoorsOfWorkers.AppealOnThePageAsync),
        ["appeal by program"] = new(["member Manzil.Cases.Mine.CaseForms Text"], 8, TextDoorsOfWorkers.AppealByProgramAsync),
        ["appeal of a helper"] = new(["page Manzil.Helping.Door.HelperAppealPage Text"], 8, TextDoorsOfWorkers.AppealOfAHelperAsync),
        ["helper's name"] = new(["page Manzil.Helping.Mine.NewHelperPage Name"], 20, TextDoorsOfWorkers.HelpersNameAsync),
        ["e-mail of a channel"] = new(["page Manzil.SignIn.ChannelPage Address"], 20, TextDoorsOfWorkers.EmailOfAChannelAsync, "a receipt has its end alone, since it is shown to others"),
        ["reasons of acts"] = new(["page Manzil.Cases.Desk.OpenCasePage Reason", "page Manzil.Cases.Desk.ActPage Reason"], 12, TextDoorsOfOfficers.ReasonsOfActsAsync),
        ["facts and change"] = new(["page Manzil.Cases.Desk.ActPage Facts", "page Manzil.Cases.Desk.ActPage Change"], 12, TextDoorsOfOfficers.FactsAndChangeAsync),
        ["reason of a search"] = new(["page Manzil.Cases.Desk.SearchPage Reason"], 20, TextDoorsOfOfficers.ReasonOfASearchAsync, Looked),
        ["reason of serving"] = new(["page Manzil.Registrations.Desk.ServePage Reason"], 20, TextDoorsOfOfficers.ReasonOfServingAsync, Looked),
        ["reason of a file"] = new(["page Manzil.Cases.Desk.FilePage Reason"], 12, TextDoorsOfOfficers.ReasonOfAFileAsync, Looked),
        ["reason of going on"] = new(["page Manzil.Cases.Desk.ActPage LookReason"], 8, TextDoorsOfOfficers.ReasonOfGoingOnAsync, Looked),
        ["reason of serving on"] = new(["page Manzil.Registrations.Desk.AgainPage LookReason"], 8, TextDoorsOfOfficers.ReasonOfServingOnAsync, Looked),
        ["reason of reaching"] = new(["page Manzil.Registrations.Desk.ReachEntryPage Reason"], 8, TextDoorsOfOfficers.ReasonOfReachingAsync, Looked),
        ["words of reaching"] = new(["page Manzil.Registrations.Desk.ReachEntryPage Words"], 8, TextDoorsOfOfficers.WordsOfReachingAsync),
        ["name that changed"] = new(["page Manzil.Registrations.Desk.DetailsPage Name"], 20, TextDoorsOfOfficers.NameThatChangedAsync),
        ["name of an enrolment"] = new(["page Manzil.Registrations.Desk.EnrolPage Name"], 20, TextDoorsOfOfficers.NameOfAnEnrolmentAsync),
        ["e-mail of an enrolment"] = new(["page Manzil.Registrations.Desk.EnrolPage Email"], 20, TextDoorsOfOfficers.EmailOfAnEnrolmentAsync, "a receipt of an enrolment has no way to reach anybody"),
        ["reason of lifting a pause"] = new(["page Manzil.Staff.Lead.PausePage Reason"], 20, TextDoorsOfOfficers.ReasonOfLiftingAPauseAsync),
        ["reason of an outage"] = new(["manzil outage record --reason"], 20, TextDoorsOfCommands.ReasonOfAnOutageAsync),
        ["name of an officer"] = new(["manzil staff invite NAME"], 20, TextDoorsOfCommands.NameOfAnOfficerAsync, "officers stand in receipts by their number"),
        ["name of a worker by command"] = new(["manzil worker enrol --name"], 8, TextDoorsOfCommands.NameOfAWorkerAsync),
        ["e-mail of a worker by command"] = new(["manzil worker enrol --email"], 8, TextDoorsOfCommands.EmailOfAWorkerAsync, "a receipt of an enrolment has no way to reach anybody"),
    };

    /// <summary>Free text that is recorded nowhere, and why it need not be.</summary>
    static readonly Dictionary<string, string> NotRecorded = new()
    {
        ["page Manzil.Messages.NotMinePage Contact"] = "compared with where a message went",
        ["member Manzil.Messages.GatewayApi text"] = "read for the code in it",
    };

    public static IEnumerable<TheoryDataRow<DatabaseKind, string>> Rows =>
        Doors.Keys.SelectMany(door => Enum.GetValues<DatabaseKind>().Select(kind => new TheoryDataRow<DatabaseKind, string>(kind, door)
        {
            Skip = kind == DatabaseKind.Postgres && !PostgresServer.IsInstalled && !PostgresServer.MustBeInstalled ? PostgresServer.NotInstalled : null,
        }));

    [Theory, MemberData(nameof(Rows))]
    public async Task Text_AtADoor_IsRecordedShownAndVerifiedAlike(DatabaseKind kind, string door)
    {
        var of = Doors[door];
        var texts = TypedTextTests.Samples(Seed, kind == DatabaseKind.Sqlite ? of.Texts : Math.Max(2, of.Texts / 4));
        await using var at = await of.Open(kind, texts.Count);
        Assert.Equal(of.NoReceipt is null, at.Verified is not null);
        var taken = 0;
        for (var i = 0; i < texts.Count; i++)
        {
            var whole = at.Whole(texts[i], i + 1);
            try
            {
                if (await IsTakenAsync(at, whole)) taken++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{door} on {kind}, seed {Seed}, text {i + 1}: {JsonSerializer.Serialize(whole)}\n{e}");
            }
        }

        Assert.True(taken > 0, $"{door}, seed {Seed}: none of {texts.Count} was taken.");
    }

    [Fact]
    public void Doors_EveryFieldOfFreeText_IsTriedOrRecordedNowhere()
    {
        var free = Repository.Read("tests/Manzil.Tests/Typing/doors.txt").Split('\n').Select(l => FreeText().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.True(free.Count > 30, $"{free.Count} fields");
        var tried = Doors.Values.SelectMany(d => d.Lines).ToHashSet();
        Assert.Empty(tried.Intersect(NotRecorded.Keys));
        var known = tried.Concat(NotRecorded.Keys).ToHashSet();
        var differs = free.Except(known).Select(l => "not tried: " + l).Concat(known.Except(free).Select(l => "not in doors.txt: " + l)).ToList();
        Assert.True(differs.Count == 0, string.Join('\n', differs));
    }

    /// <summary>Types one text; whether it was taken. It is where the door and the field have nothing against it, and else nothing is written.</summary>
    static async Task<bool> IsTakenAsync(TextDoor door, string whole)
    {
        var (text, fault) = TypedText.Of(door.Kind, whole);
        var isRight = fault is null && door.Takes(text);
        var before = await door.AskAsync<long>(door.Count);
        var id = await door.Type(whole);
        Assert.Equal(isRight, id is not null);
        Assert.Equal(before + (isRight ? 1 : 0), await door.AskAsync<long>(door.Count));
        if (id is null) return false;

        var recorded = await door.Recorded(id);
        Assert.NotEmpty(recorded);
        foreach (var one in recorded.Concat(door.Verified is { } verified ? await verified(id) : []))
        {
            Assert.Equal(text, one);
            TypedTextTests.AssertRecordable(one!, hasLines: door.Kind == TextKind.Long);
        }

        foreach (var page in await door.Shown(id)) Assert.True(page.Contains(text, StringComparison.Ordinal), $"It is not in: {page}");
        return true;
    }

    [GeneratedRegex(@"^((?:page|member|manzil) [^#]*?): (?:Line|Long|Email|Contact|Message)\s*(?:#.*)?$", RegexOptions.None, 5000)]
    private static partial Regex FreeText();
}
