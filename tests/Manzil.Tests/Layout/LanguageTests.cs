using System.Text.RegularExpressions;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Register;
using Manzil.Tests.Privacy.Pages;
using NodaTime;

namespace Manzil.Tests.Layout;

/// <summary>
/// privacy.md 25: texts by script and by their words, not by their keys: that a key is there says nothing of the language of its text.
/// What arrives on pages, <see cref="PageMarkupTests"/> reads.
/// </summary>
public partial class LanguageTests
{
    static readonly string[] Cyrillic = ["ru", "kk"];

    /// <summary>Texts that are the same in Russian and in Kazakh: words that both languages have, and what has no word of its own.</summary>
    static readonly string[] SameInRussianAndKazakh =
    [
        "account.channel-sms", "account.session-browser", "case.role-auditor", "case.role-caseworker", "case.told", "desk.card", "desk.document.pdf", "desk.role.auditor", "desk.role.caseworker",
        "helper.code", "keeping.minutes", "page.help-call", "page.title", "receipt.access-card", "receipt.case-file-digest", "staff-role.auditor", "staff-role.caseworker", "status.waiting.sms", "verify.witnesses.one",
    ];

    [Fact]
    public void Texts_OfEveryCatalogue_HaveNoWordOfAnotherLanguage()
    {
        foreach (var lang in Vocabulary.Languages)
        {
            var found = Vocabulary.Catalogue(lang).Select(t => (t.Key, Words: Vocabulary.Foreign(t.Value, lang).ToList())).Where(t => t.Words.Count > 0).Select(t => $"{lang} {t.Key}: {string.Join(' ', t.Words)}").ToList();
            Assert.True(found.Count == 0, string.Join('\n', found));
        }

        // Each list is no longer than it has to be.
        Assert.Equal(Vocabulary.Latin.Order(StringComparer.Ordinal), Cyrillic.SelectMany(l => Vocabulary.Catalogue(l).Values).SelectMany(Vocabulary.Words)
            .SelectMany(w => Vocabulary.Latin.Contains(w) ? [w] : w.Split('-')).Where(w => Ascii().IsMatch(w)).Distinct().Order(StringComparer.Ordinal));
    }

    // A sentence that was copied, or written anew in the other language, brings words along that the other catalogue has.
    [Fact]
    public void Words_ThatRussianAndKazakhShare_AreThese() =>
        Assert.Equal(Vocabulary.InBoth.Order(StringComparer.Ordinal), Shared(Vocabulary.Catalogue("kk").Values));

    // The check itself: each of these would be found.
    [Theory]
    [InlineData("Вы ничего не потеряли.")]
    [InlineData("Подтвердите адрес до конца дня {date}")]
    [InlineData("Это можно сделать в любом центре.")]
    [InlineData("Продолжить")]
    public void Shared_ARussianTextAmongTheKazakh_IsFound(string text) => Assert.NotEqual(Vocabulary.InBoth.Order(StringComparer.Ordinal), Shared(Vocabulary.Catalogue("kk").Values.Append(text)));

    [Theory]
    [InlineData("Please confirm in time.", "ru", "Please confirm in time")]
    [InlineData("Сiз жауап беріңіз", "kk", "Сiз")]
    [InlineData("Сіз жауап беріңіз", "ru", "Сіз жауап беріңіз")]
    [InlineData("Подтвердите адрес", "kk", "Подтвердите адрес")]
    [InlineData("Подтвердите address", "ru", "address")]
    [InlineData("Confirm адрес", "en", "адрес")]
    [InlineData("Continue", "kk", "Continue")]
    [InlineData("Пришлите SMS или PDF", "ru", "")]
    public void Foreign_OfAText_IsWhatIsNotOfItsLanguage(string text, string lang, string words) => Assert.Equal(words, string.Join(' ', Vocabulary.Foreign(text, lang)));

    [Fact]
    public void Texts_ThatAreTheSameInTwoLanguages_AreThese()
    {
        string[] Same(string one, string other) => [.. Vocabulary.Catalogue(one).Where(t => Vocabulary.Catalogue(other).TryGetValue(t.Key, out var text) && text == t.Value).Select(t => t.Key.Split('#')[0]).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(SameInRussianAndKazakh.Order(StringComparer.Ordinal), Same("kk", "ru"));
        foreach (var lang in Cyrillic) Assert.All(Same(lang, "en"), key => Assert.Empty(Vocabulary.Words(Vocabulary.Catalogue("en")[key]).Where(w => !Vocabulary.Latin.Contains(w))));
    }

    // Where several words have not one of Kazakh's own letters, nor one of its words, it is no Kazakh sentence.
    [Fact]
    public void Texts_OfTheRulesFile_AreOfTheirLanguage()
    {
        foreach (var lang in Vocabulary.Languages)
        {
            Assert.NotEmpty(Vocabulary.OfRules(lang));
            Assert.Empty(Vocabulary.OfRules(lang).SelectMany(t => Vocabulary.Foreign(t, lang)));
            Assert.Equal(Vocabulary.OfRules("en").Count, Vocabulary.OfRules(lang).Count);
        }

        var shared = Vocabulary.OfRules("kk").SelectMany(Vocabulary.Words).Select(w => w.ToLowerInvariant()).Intersect(Vocabulary.OfRules("ru").SelectMany(Vocabulary.Words).Select(w => w.ToLowerInvariant()));
        // Names of places.
        Assert.Equal(["нарвела", "осмира", "тулван"], shared.Except(Vocabulary.InBoth).Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, string> LanguagesAndChannels => new(from lang in Vocabulary.Languages from channel in new[] { "sms", "email" } select (lang, channel));

    // Every message that there is, composed as it is sent.
    [Theory, MemberData(nameof(LanguagesAndChannels))]
    public void Message_OfEveryKind_IsInTheLanguageOfItsReader(string lang, string kind)
    {
        var telling = new Telling(Rules.RulesData.DemoRules, new Uri("https://manzil.example"), shownAtOnce: false);
        var kinds = Vocabulary.Catalogue("en").Keys.Where(k => k.StartsWith("message.", StringComparison.Ordinal)).Select(k => k[..k.LastIndexOf('.')]).Distinct().ToList();
        Assert.True(kinds.Count > 45, $"{kinds.Count} kinds");
        foreach (var key in kinds)
        {
            // An answer to an SMS is one.
            if (kind == "email" && !Vocabulary.Catalogue("en").ContainsKey($"{key}.body")) continue;
            var names = Vocabulary.Catalogue("en").Where(t => t.Key.StartsWith(key + ".", StringComparison.Ordinal)).SelectMany(t => Placeholder().Matches(t.Value).Select(m => m.Groups[1].Value)).Append("name").Distinct();
            var message = telling.To(new Channel(1, kind, "+70000000001"), lang, key, [.. names.Select(n => (n, Value(n)))]);
            Assert.Equal(lang, message.Language);
            foreach (var text in new[] { message.Subject, message.Body })
            {
                Assert.DoesNotContain('{', text);
                Assert.True(!Vocabulary.Foreign(text, lang, Names).Any(), $"{key} in {lang}: {string.Join(' ', Vocabulary.Foreign(text, lang, Names))}");
                Assert.True(Vocabulary.Words(text).Count(w => Vocabulary.Of(lang).Contains(w.ToLowerInvariant())) >= 1, $"{key} in {lang}: {text}");
            }

            foreach (var other in Vocabulary.Languages.Where(l => l != lang))
                Assert.NotEqual(message.Body, telling.To(new Channel(1, kind, "+70000000001"), other, key, [.. names.Select(n => (n, Value(n)))]).Body);
        }
    }

    const string Number = "0TWH-YCE23-AWFX9";

    static readonly string[] Names = ["Li", Number, "https manzil example"];

    static object Value(string name) => name switch
    {
        "name" => "Li",
        "number" => Number,
        "date" or "told" => new LocalDate(2026, 3, 16),
        "n" => 2,
        "of" => 3,
        "code" => "123456",
        "channel" => "+7 000 000-00-01",
        _ => throw new InvalidOperationException($"LanguageTests has no value for {{{name}}}: say it here."),
    };

    /// <summary>Who chooses the language of a text: the reader of a page, or whom a message is for. Nothing else names one.</summary>
    [Fact]
    public void Sources_ThatChooseALanguage_AreThese()
    {
        var found = Repository.Files("src/Manzil", "*.cs").Concat(Repository.Files("src/Manzil", "*.cshtml"))
            .SelectMany(f => Chooses().Matches(Repository.Read(f)).Select(m => $"{f["src/Manzil/".Length..]} {m.Value}")).Order(StringComparer.Ordinal);
        Assert.Equal(Choices.Order(StringComparer.Ordinal), found);
    }

    static readonly string[] Choices =
    [
        "Helping/Door/HelperFilePage.cshtml.cs Texts.For(worker.Language)",
        "Layout/LayoutSetup.cs Texts.For(LanguageChoice.Of(context))",
        "Layout/LayoutSetup.cs Texts.For(LanguageChoice.Of(s.GetRequiredService<IHttpContextAccessor>().HttpContext!)))",
        "Layout/Problems.cs Texts.For(LanguageChoice.Of(context))",
        "Messages/IncomingSms.cs telling.To(to, owner.Language,",
        """Messages/ManyAsked.cs telling.To(new Channel(0, kind, "", Mark: Mark), language,""",
        "Messages/Telling.cs Texts.For(language)",
        "Messages/Telling.cs To(c, worker.Language,",
        "Messages/Telling.cs To(c, worker.Language,",
        "Messages/Telling.cs To(c, worker.Language,",
        "Messages/Telling.cs To(c, worker.Language,",
        "Receipts/PrintPage.cshtml.cs Texts.For(Worker.Language)",
        "Receipts/ReceiptFiles.cs Texts.For(LanguageChoice.Of(http)))",
        """Receipts/ReportText.cs Texts.For("en")""",
        "Registrations/Desk/Serving.cs Texts.For(language!)",
        "Registrations/Desk/Slip.cs Texts.For(Language)",
        "SignIn/BackIn.cs telling.To(channel, worker.Language,",
        "SignIn/FreshCodes.cs telling.To(channel, worker.Language,",
        // The command line speaks English.
        "Privacy/InventoryCommand.cs Texts.For(\"en\")",
        "Typing/TypedOption.cs Texts.For(\"en\")",
    ];

    static IEnumerable<string> Shared(IEnumerable<string> kazakh)
    {
        var russian = Vocabulary.Catalogue("ru").Values.SelectMany(Vocabulary.Words).Select(w => w.ToLowerInvariant()).ToHashSet();
        return kazakh.SelectMany(Vocabulary.Words).Select(w => w.ToLowerInvariant()).Where(w => russian.Contains(w) && !w.Split('-').All(p => Ascii().IsMatch(p)) && !Ascii().IsMatch(w.Split('-')[0])).Distinct().Order(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^[A-Za-z-]+$", RegexOptions.None, 5000)]
    private static partial Regex Ascii();

    [GeneratedRegex(@"\{(\w+)\}", RegexOptions.None, 5000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"Texts\.For\([^;{]*?\)+(?=[\[;,?) ]|$)|\btelling\.To\((?:new Channel\([^)]*\)|[^;,]*),[^;,]*,|(?<!\w)To\(c, [^,]*,|new Texts\([^)]*\)", RegexOptions.IgnoreCase | RegexOptions.Multiline, 5000)]
    private static partial Regex Chooses();
}
