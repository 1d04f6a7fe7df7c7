using System.Text.RegularExpressions;
using Manzil.Cases.Desk;
using Manzil.Layout;
using Manzil.Tests.Layout;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Registrations.Desk;

/// <summary>On a clerk's own forms the document and the card are the worker's, and no error, label or hint calls them the reader's own (found.md 25).</summary>
public partial class ClerksErrorsTests
{
    const string Enrol = "/staff/desk/enrol", Serve = "/staff/desk/serve";

    static readonly (string, string)[] Right =
    [
        ("State", "KGZ"), ("Number", "AN1234567"), ("Name", "Нурлан Асанов"), ("BirthDate.Day", "9"), ("BirthDate.Month", "2"), ("BirthDate.Year", "1994"), ("Card", "FC7770001"), ("Spoken", "kk"),
    ];

    static readonly (string, string)[][] Wrong =
    [
        [("State", "")], [("State", "УЗБ")], [("Number", "")], [("Number", "АЖ1234567")], [("Number", new string('1', 21))], [("Number", new string('1', 41))],
        [("Name", "")], [("Name", new string('x', 201))], [("Name", "\u200B\u200C\u200B")], [("Name", "A\u202EB")], [("Name", "A\uE000B")], [("Name", "A\u0007B")],
        [("Card", "")], [("Card", "X")], [("Card", "FC 12/3")], [("Phone", "8 999")], [("Email", "nurlan@")], [("Spoken", "")],
        [("BirthDate.Day", ""), ("BirthDate.Month", ""), ("BirthDate.Year", "")], [("BirthDate.Day", "")], [("BirthDate.NotShown", "yes")], [("BirthDate.Month", "")], [("BirthDate.Year", "")],
        [("BirthDate.Day", ""), ("BirthDate.Month", ""), ("BirthDate.Year", ""), ("BirthDate.NotShown", "yes")], [("BirthDate.Day", "41")], [("BirthDate.Day", "30")], [("BirthDate.Month", "13")],
        [("BirthDate.Year", "199")], [("BirthDate.Year", "20")], [("BirthDate.Year", "1800")], [("BirthDate.Day", "31"), ("BirthDate.Month", "12"), ("BirthDate.Year", "2026")],
    ];

    // What has to have been said, of what is filled in with nothing: so that no form is left out by mistake.
    static readonly string[] Said =
    [
        "back-in.state-missing", "back-in.state-wrong", "back-in.number-letters", "back-in.number-wrong", "desk.number-missing", "desk.card-missing", "enrol.name-missing", "enrol.language-missing",
        "enrol.known", "channel.wrong", "details.same", "details.known", "code.seen-missing", "code.sessions-missing", "code.card-known", "desk.search.kind-missing", "desk.search.not-whole",
        "desk.search.nothing", "date.missing", "date.birth-day-missing", "date.birth-day-and-none", "date.birth-month-missing", "date.day-wrong", "date.month-wrong", "date.year-missing", "date.year-wrong",
        "date.year-short", "date.birth-ahead", "fault.text-turns-around", "fault.text-is-invisible", "fault.text-has-unusable-characters",
    ];

    // A clerk's own words and role are theirs: the reason that they give for looking.
    static readonly string[] TheClerksOwn = ["desk.look.reason-hint"];

    [Theory, InlineData("en"), InlineData("ru"), InlineData("kk")]
    public async Task Form_OfTheClerksOwn_CallsNothingYoursThatIsTheWorkers(string lang)
    {
        await using var desk = await ClerkDesk.NewAsync(DatabaseKind.Sqlite, lang);
        var (worker, other) = (await desk.Service.EnrolAsync(), await desk.Service.EnrolAsync());
        var root = await desk.ServeAsync(worker);
        var said = new HashSet<string>();
        void Hear() => said.UnionWith(Element.Parse(desk.Web.Html).All.Where(IsSaid).Select(Words));
        async Task SendAsync(string path, params (string, string)[] fields)
        {
            await desk.Web.GetAsync(path);
            Hear();
            await desk.Web.PostAsync(fields);
            Hear();
        }

        foreach (var wrong in Wrong)
        {
            await SendAsync(Enrol, [.. Right, .. wrong, ("Go", "check")]);
            await SendAsync(root + "/details", [.. wrong, ("Go", "check")]);
        }

        await SendAsync(Enrol, [.. Right, ("Card", worker.CardNumber), ("Go", "check")]);
        await desk.Web.PostAsync(("Go", "do"));
        Hear();
        await SendAsync(root + "/details", ("Go", "check"));
        await SendAsync(root + "/details", ("State", other.Document.State), ("Number", other.Document.Number), ("Go", "check"));
        await desk.Web.PostAsync(("Go", "do"));
        Hear();
        await SendAsync(root + "/code", ("EndSessions", ""));
        foreach (var card in new[] { "X", "АЖ1", other.CardNumber }) await SendAsync(root + "/code", ("Seen", "yes"), ("EndSessions", "no"), ("NewCard", card));
        await SendAsync(Serve, ("Kind", ""), ("Exact", ""), ("Reason", ""));
        await SendAsync(Serve, ("Kind", "card"), ("Exact", "FC%"), ("Reason", ClerkDesk.Reason));
        await SendAsync(Serve, ("Kind", "card"), ("Exact", "FC9999999"), ("Reason", new string('x', 501)));
        for (var i = 0; i <= Searches.AnHour; i++) await SendAsync(Serve, ("Kind", "card"), ("Exact", "FC9999999"), ("Reason", ClerkDesk.Reason));

        var t = Texts.For(lang);
        foreach (var key in Said) Assert.True(said.Any(s => s.Contains(t[key], StringComparison.Ordinal)), $"{key} was said nowhere:\n{string.Join('\n', said)}");
        Assert.Contains(said, s => s.Contains(t["desk.search.too-many", ("count", Searches.AnHour)], StringComparison.Ordinal));
        Assert.Empty(said.Where(s => Yours(lang).IsMatch(s)).Except(TheClerksOwn.Select(key => t[key])));
    }

    // What these forms say where a form came twice or could not be taken, and what the pages of the worker's own forms say of it at the desk.
    [Theory, InlineData("en"), InlineData("ru"), InlineData("kk")]
    public void Outcome_OfAForm_CallsNothingYoursThatIsTheWorkers(string lang)
    {
        string[] outcomes = ["giving.busy-title", "giving.busy", "desk.filed.title", "desk.filed.what", "desk.filed.see", "desk.not-possible", "enrol.sent-already", "enrol.sent-other", "enrol.sent-same", "slip.lost"];
        Assert.All(outcomes, key => Assert.DoesNotMatch(Yours(lang), Texts.For(lang)[key]));
    }

    [Theory]
    [InlineData("en", "Enter the number of your document", true), InlineData("en", "Enter the number of the worker’s document", false)]
    [InlineData("ru", "Введите номер вашего документа", true), InlineData("ru", "Вы написали знаков: 201.", false)]
    [InlineData("kk", "Құжатыңыздың нөмірін енгізіңіз", true), InlineData("kk", "Сіздің картаның нөмірі", true), InlineData("kk", "Құжат нөмірін енгізіңіз", false)]
    public void Words_ThatCallSomethingYours_AreFound(string lang, string text, bool isFound) => Assert.Equal(isFound, Yours(lang).IsMatch(text));

    static bool IsSaid(Element element) => element["role"] == "alert"
        || (element["class"] ?? "").Split(' ').Intersect(["govuk-error-message", "govuk-error-summary", "govuk-label", "govuk-hint", "govuk-fieldset__legend"]).Any();

    static string Words(Element element) =>
        string.Join(' ', element.Words.Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static Regex Yours(string lang) => lang switch { "ru" => Russian(), "kk" => Kazakh(), _ => English() };

    [GeneratedRegex(@"\byours?\b", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex English();

    [GeneratedRegex(@"\bваш\w*", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Russian();

    // The pronoun, and what a worker has with the ending of "yours"; a verb's ending is the same, and asks for something.
    [GeneratedRegex(@"\bсізд\w*|\b(?:құжат|карта|нөмір|есім|аты-жөн|аты|тегі|телефон|пошта|мекенжай|код|тіл|күн|сурет|орталық|орталығ)\w*(?:ңыз|ңіз)\w*", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Kazakh();
}
