using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Privacy.Pages;
using Manzil.Tests.Rules;
using NodaTime;

namespace Manzil.Tests.Messages;

/// <summary>
/// Every message that there is, in every language and by every kind of channel, as it is sent: from whom, for whom, by when, and the
/// number to call (docs/decisions/0056). A new kind of message is in it by having texts.
/// </summary>
public partial class MessageWordsTests
{
    const string Address = "https://manzil.narvela.example", Number = "0TWH-YCE23-AWFX9";
    static readonly LocalDate Date = new(2026, 2, 10), Told = new(2026, 3, 1);

    /// <summary>Answers to an SMS of which nobody knows who wrote it: whoever has the phone in hand.</summary>
    static readonly string[] ToWhoeverWrote = ["message.sms-enough", "message.sms-stop-unread", "message.sms-unread"];

    /// <summary>Answers to an SMS: they are never letters.</summary>
    static readonly string[] BySmsAlone = ["message.confirmed", "message.confirmed-no-date", "message.sms-enough", "message.sms-not-mine-done", "message.sms-refused", "message.sms-stop-unread", "message.sms-unread"];

    /// <summary>Each says that the worker loses something if nothing is done, by a day that it names.</summary>
    static readonly string[] WithALastDay = ["message.appeal-decided-against", "message.case-opened", "message.case-opened-by-officer", "message.removal-agreed"];

    /// <summary>Decisions: against each there is an appeal, which is given in one and the same way.</summary>
    static readonly string[] Appealable =
        ["message.appeal-decided-against", "message.appeal-decided-against-no-date", "message.removal-agreed", "message.removal-agreed-no-date", "message.removal-in-effect"];

    static readonly Telling Words = new(RulesData.DemoRules, new Uri(Address), shownAtOnce: false);

    static IReadOnlyList<string> Kinds { get; } =
        [.. Vocabulary.Catalogue("en").Keys.Where(k => k.StartsWith("message.", StringComparison.Ordinal)).Select(k => k[..k.LastIndexOf('.')]).Distinct()];

    public static TheoryData<string, string> LanguagesAndChannels => new(from language in Vocabulary.Languages from channel in (string[])["sms", "email"] select (language, channel));

    static IEnumerable<(string Key, OutgoingMessage Message)> All(string language, string channel) => Kinds
        .Where(k => channel == "sms" || !BySmsAlone.Contains(k))
        .Select(k => (k, Words.To(
            new Channel(1, channel, channel == "sms" ? "+70000000001" : "a@example.org", Mark: "482193"), language, k,
            ("name", "Aziz"), ("date", Date), ("told", Told), ("number", Number), ("code", "123456"), ("channel", "…678"), ("n", 2), ("of", 3))));

    [Theory, MemberData(nameof(LanguagesAndChannels))]
    public void Message_OfEveryKind_SaysFromWhomForWhomAndWhomToCall(string language, string channel)
    {
        Assert.True(Kinds.Count > 48, $"{Kinds.Count} kinds");
        foreach (var (key, message) in All(language, channel))
        {
            var first = channel == "sms" ? message.Body : message.Subject;
            Assert.True(first.StartsWith("Manzil: ", StringComparison.Ordinal), $"{key}: {first}");
            if (!ToWhoeverWrote.Contains(key)) Assert.True(message.Body.Contains("Aziz", StringComparison.Ordinal), $"{key} says not for whom: {message.Body}");
            Assert.True(message.Body.Contains(channel == "sms" ? "+70000000000" : "+7 000 000-00-00", StringComparison.Ordinal), $"{key} has no number to call: {message.Body}");
            Assert.Contains("manzil.narvela.example", message.Body, StringComparison.Ordinal);
            // And how to say that it came to the wrong person.
            Assert.Matches(channel == "sms" ? "(STOP|СТОП) 482193" : "/not-mine.* 482193", message.Body);
        }
    }

    // What one language or one channel says by when, all say; and which receipt, and which code answers it.
    [Fact]
    public void Message_OfEveryKind_HasItsDatesInEveryLanguageAndByEveryChannel()
    {
        foreach (var key in Kinds)
        {
            foreach (var place in (string[])["{date}", "{told}"])
            {
                var texts = Vocabulary.Languages.SelectMany(l => ((string[])["sms", "body"]).Select(c => Vocabulary.Catalogue(l).GetValueOrDefault($"{key}.{c}"))).OfType<string>().ToList();
                Assert.True(texts.Select(t => t.Contains(place, StringComparison.Ordinal)).Distinct().Count() == 1, $"{key}: {place} stands in some alone: {string.Join(" | ", texts)}");
            }
        }

        // The day that was told, and the day on which the registration ends.
        foreach (var language in Vocabulary.Languages)
        {
            var sms = All(language, "sms").Single(m => m.Key == "message.departure").Message.Body;
            Assert.Contains(Dates.InWords(Told, language), sms, StringComparison.Ordinal);
            Assert.Contains(Dates.InWords(Date, language), sms, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(LanguagesAndChannels))]
    public void Message_OfAnAdverseStep_SaysUntilWhenAndHow(string language, string channel)
    {
        var all = All(language, channel).ToDictionary(m => m.Key, m => m.Message.Body);
        foreach (var key in WithALastDay)
        {
            Assert.Contains(Dates.InWords(Date, language), all[key], StringComparison.Ordinal);
            // In Russian a date alone leaves open whether that day still counts.
            if (language == "ru") Assert.Contains($"по {Dates.InWords(Date, language)} включительно", all[key], StringComparison.Ordinal);
        }

        var (appeal, centre, effect) = language switch
        {
            "en" => ("appeal", "in the service or at any centre", "not in effect|[Nn]othing is in effect"),
            "ru" => ("жалоб", "в сервисе или в любом центре", "ещё не вступило в силу"),
            _ => ("шағым", "сервисте (не|немесе) кез келген орталықта", "күшіне енген жоқ"),
        };
        foreach (var key in Appealable)
        {
            Assert.Contains(appeal, all[key], StringComparison.OrdinalIgnoreCase);
            Assert.Matches($"(?i){centre}", all[key]);
            if (key != "message.removal-in-effect") Assert.Matches($"(?i){effect}", all[key]);
        }
    }

    // Whoever is asked is told what they can do and where, the same by SMS and by letter: of a case, whoever opened it, and of a proposal in it.
    [Theory, MemberData(nameof(LanguagesAndChannels))]
    public void Message_OfACase_SaysWhatToDoAndWhere(string language, string channel)
    {
        var frame = Texts.For(language)["sms.not-mine", ("mark", "482193")];
        var all = All(language, channel).ToDictionary(m => m.Key, m => m.Message.Body.Replace(frame, "", StringComparison.Ordinal));
        var (confirm, answer, centre, why, undecided, second) = language switch
        {
            "en" => ("confirm", "answer (in|,)|(to|and|or) answer", "in the service or at any centre", "read why", "nothing is decided", "second officer"),
            "ru" => ("подтверди", "ответ(ьте|ить)", "в сервисе или в любом центре", "причину", "ничего не решено", "второй сотрудник"),
            _ => ("раста", "жауап (беріңіз|бере аласыз)", "сервисте (не|немесе) кез келген орталықта", "себебін", "шешім жоқ|ештеңе шешілген жоқ", "екінші қызметкер"),
        };
        var cases = Kinds.Where(k => k.StartsWith("message.case-opened", StringComparison.Ordinal)).ToList();
        Assert.True(cases.Count >= 3, string.Join(", ", cases));
        foreach (var key in cases.Append("message.removal-proposed"))
        {
            var isOfficers = key.StartsWith("message.case-opened-by-officer", StringComparison.Ordinal);
            foreach (var said in (string[])[answer, centre, isOfficers ? why : confirm, .. key == "message.removal-proposed" ? (string[])[undecided, second] : []])
                Assert.True(Regex.IsMatch(all[key], $"(?i){said}", RegexOptions.None, TimeSpan.FromSeconds(5)), $"{key}: “{said}” is not in: {all[key]}");
        }

        // An SMS can be answered besides; a letter cannot.
        Assert.Equal(channel == "sms", all["message.case-opened"].Contains("123456", StringComparison.Ordinal));
    }

    // The page says the same way to appeal as the messages.
    [Fact]
    public void Page_OfADecisionOrARemoval_SaysTheSameWayToAppealAsItsMessages()
    {
        foreach (var state in (string[])["appeal", "appeal-again", "appeal-any-time"])
        {
            Assert.Contains("in the service or at any centre", Texts.For("en")[$"case.now.{state}"], StringComparison.Ordinal);
            Assert.Contains("в сервисе или в любом центре", Texts.For("ru")[$"case.now.{state}"], StringComparison.Ordinal);
            Assert.Matches("(?i)сервисте не кез келген орталықта", Texts.For("kk")[$"case.now.{state}"]);
        }
    }

    // "Решение не действует" says that there is no decision: whoever reads it does not appeal.
    [Fact]
    public void Texts_InRussian_NeverSayThatADecisionIsVoid() =>
        Assert.Empty(Vocabulary.Catalogue("ru").Where(t => Void().IsMatch(t.Value)).Select(t => t.Key));

    [Theory, MemberData(nameof(LanguagesAndChannels))]
    public void Message_AfterAHelpersAct_SaysThatAHelperDidIt(string language, string channel)
    {
        var (helper, own) = language switch { "en" => ("a helper", "(?i)your (answer|appeal)|you answered"), "ru" => ("помощник", "(?i)ваш ответ|ваша жалоба|вы ответили"), _ => ("көмекші", "(?i)жауабыңыз|шағымыңыз") };
        var found = All(language, channel).Where(m => m.Key.EndsWith("-by-helper", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, found.Count);
        Assert.All(found, m =>
        {
            Assert.Contains(helper, m.Message.Subject + m.Message.Body, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotMatch(own, m.Message.Subject + m.Message.Body);
        });
    }

    [Theory, MemberData(nameof(LanguagesAndChannels))]
    public void Message_ThreeReminders_AreNotTheSame(string language, string channel)
    {
        OutgoingMessage Reminder(string key, int n) => Words.To(
            new Channel(1, channel, "a@example.org"), language, key, ("name", "Aziz"), ("date", Date), ("code", "123456"), ("n", n), ("of", 3));
        OutgoingMessage[] three = [Reminder("message.reminder", 1), Reminder("message.reminder", 2), Reminder("message.reminder-last", 3)];
        Assert.Equal(3, three.Select(m => m.Body).Distinct().Count());
        Assert.Equal(3, three.Select(m => m.Subject).Distinct().Count());
        Assert.Contains(language switch { "en" => "last reminder", "ru" => "последнее напоминание", _ => "соңғы еске салу" }, three[2].Body, StringComparison.OrdinalIgnoreCase);
    }

    // A letter has a greeting, paragraphs and a signature; an SMS has one line.
    [Fact]
    public void Email_OfEveryKind_IsALetter()
    {
        foreach (var language in Vocabulary.Languages)
        {
            foreach (var (key, message) in All(language, "email"))
            {
                var paragraphs = message.Body.Split("\n\n");
                Assert.True(paragraphs.Length >= 3, $"{key} in {language}");
                Assert.Equal(Texts.For(language)["letter.greeting", ("name", "Aziz")], paragraphs[0]);
                Assert.StartsWith(RulesData.DemoRules.Authority.Name.In(language), paragraphs[^1], StringComparison.Ordinal);
                Assert.Contains(Address, paragraphs[^1], StringComparison.Ordinal);
                Assert.DoesNotContain("Aziz", string.Join(' ', paragraphs[1..]), StringComparison.Ordinal);
            }

            Assert.All(All(language, "sms"), m => Assert.DoesNotContain('\n', m.Message.Body));
        }
    }

    // An address that people type: no scheme that makes it a link of ours, no path, nothing that is about one person.
    [Fact]
    public void Sms_OfEveryKind_HasNoLink()
    {
        foreach (var language in Vocabulary.Languages)
            Assert.All(All(language, "sms"), m => Assert.DoesNotMatch("(?i)http|www|/|@|[?&#][a-z]", m.Message.Body.Replace("2/3", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Sms_WhereTheServicesAddressIsLong_LeavesItOutAndNeverCutsIt()
    {
        Assert.EndsWith(" +70000000000", SmsText.Whole("text.", "+7 000 000-00-00", "https://" + new string('a', 31)), StringComparison.Ordinal);
        Assert.EndsWith(", " + new string('a', 30), SmsText.Whole("text.", "+7 000 000-00-00", "https://" + new string('a', 30)), StringComparison.Ordinal);
    }

    [GeneratedRegex("(?i)решени[ея] (больше )?не действу|снятие не действу", RegexOptions.None, 5000)]
    private static partial Regex Void();
}
