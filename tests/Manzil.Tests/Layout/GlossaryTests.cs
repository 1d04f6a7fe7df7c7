using System.Text.Json;
using System.Text.RegularExpressions;
using Manzil.Tests.Gates;
using Manzil.Tests.Privacy.Pages;

namespace Manzil.Tests.Layout;

/// <summary>One word for one thing, in every language: docs/glossary.md held over every text that people read.</summary>
public partial class GlossaryTests
{
    [Fact]
    public void Texts_OfEveryCatalogue_UseTheGlossarysWords()
    {
        var excepted = Glossary.Exceptions.Select(e => (e.Key, e.Term)).ToHashSet();
        var found = new List<string>();
        var needed = new HashSet<(string, string)>();
        foreach (var lang in Vocabulary.Languages)
        {
            foreach (var (key, text) in Vocabulary.Catalogue(lang).Where(t => t.Key[0] != '@'))
            {
                foreach (var (term, fault) in Glossary.Faults(lang, text, Glossary.EnglishOf(key)))
                {
                    if (excepted.Contains((key.Split('#')[0], term))) needed.Add((key.Split('#')[0], term));
                    else found.Add($"{lang} {key}: {fault}. The text: {text}");
                }
            }
        }

        Assert.True(found.Count == 0, $"docs/glossary.md has the words.\n{string.Join('\n', found)}");
        Assert.True(excepted.SetEquals(needed), $"Exceptions that nothing needs: {string.Join(", ", excepted.Except(needed))}");
        Assert.All(Glossary.Exceptions, e => Assert.NotEqual("", e.Why));
    }

    [Fact]
    public void Texts_OfTheRulesFile_UseTheGlossarysWords()
    {
        foreach (var lang in Vocabulary.Languages)
        {
            var found = Vocabulary.OfRules(lang).Zip(Vocabulary.OfRules("en")).SelectMany(t => Glossary.Faults(lang, t.First, t.Second).Select(f => $"{lang}: {f.Fault}. The text: {t.First}")).ToList();
            Assert.True(found.Count == 0, string.Join('\n', found));
        }
    }

    [Fact]
    public void Descriptions_OfTheApi_UseTheGlossarysWords()
    {
        using var api = JsonDocument.Parse(Repository.Read("src/Manzil/Api/openapi.json"));
        var texts = Descriptions(api.RootElement).ToList();
        Assert.True(texts.Count > 50, $"{texts.Count} texts");
        var found = texts.SelectMany(t => Glossary.Never("en", t).Select(f => $"{f}. The text: {t}")).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    // What commands print stands in no catalogue: the sentences of their classes, and of every method that ends a command with one.
    [Fact]
    public void Sentences_OfTheCommandLine_UseTheGlossarysWords()
    {
        var ends = CompiledCode.Whole.Mentions.Where(m => m is { Call: true, Target: "Manzil.CommandLineException..ctor" }).Select(m => m.Place).ToHashSet();
        var sentences = CompiledCode.Whole.Texts
            .Where(t => (ends.Contains(t.Place) || Prints().IsMatch(t.Place)) && t.Text.Any(char.IsWhiteSpace) && !Sql().IsMatch(t.Text))
            .Select(t => (t.Place, Text: OfTheMachine().Replace(t.Text, " "))).ToList();
        Assert.True(sentences.Count > 200, $"{sentences.Count} sentences");
        foreach (var of in (string[])["ReportText", "StaffCommand", "EnrolCommand", "HelpCommand", "Installation"]) Assert.Contains(sentences, s => s.Place.Contains($".{of}.", StringComparison.Ordinal));
        var found = sentences.SelectMany(s => Glossary.Never("en", s.Text).Select(fault => $"{s.Place}: {fault}. The text: {s.Text}")).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    // What is typed as it is written is no word of a sentence.
    [Theory]
    [InlineData("Nobody yet: 'manzil staff invite' begins with a lead reviewer.", 0)]
    [InlineData("The rules have no such code: --office CODE, agreed to at /staff/lead.", 0)]
    [InlineData("A staff number has 1 to 20 letters.", 0)]
    [InlineData("Office: ", 1)]
    [InlineData("Every officer: number, role, office, state, name.", 1)]
    [InlineData("A member of staff.", 1)]
    public void Sentences_OfTheCommandLine_AreReadWithoutWhatIsTyped(string text, int faults) => Assert.Equal(faults, Glossary.Never("en", OfTheMachine().Replace(text, " ")).Count());

    // Texts stand in the catalogues; whatever has slipped into a page, a class or a script is held to the same words.
    [Theory]
    [InlineData("*.cs")]
    [InlineData("*.cshtml")]
    [InlineData("*.js")]
    public void Sources_OutsideTheCatalogues_UseNoOtherWord(string pattern)
    {
        var files = Repository.Files("src/Manzil", pattern).ToList();
        Assert.NotEmpty(files);
        var found = files.SelectMany(f => new[] { "ru", "kk" }.SelectMany(lang => Glossary.Never(lang, Repository.Read(f)).Select(fault => $"{f}: {fault}"))).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    // The check itself: what stood in the catalogues before, and must be found if it comes back.
    [Theory]
    [InlineData("ru", "Receipt of the appeal", "Квитанция жалобы", "receipt")]
    [InlineData("ru", "Receipt of the appeal", "Бумага о жалобе", "receipt")]
    [InlineData("ru", "Reviewer", "Рассматривающий жалобы", "reviewer")]
    [InlineData("ru", "Caseworker", "Специалист по делам", "caseworker")]
    [InlineData("ru", "Clerk", "Регистратор", "clerk")]
    [InlineData("ru", "You have been removed from the register", "Вы исключены из реестра", "the register, and removal from it")]
    [InlineData("ru", "It is not in effect.", "Решение не действует.", "not yet in effect")]
    [InlineData("ru", "The authority must decide.", "Ведомство должно решить.", "the authority")]
    [InlineData("ru", "The service could not take it.", "Служба не смогла это принять.", "this service")]
    [InlineData("ru", "A relative or a lawyer can see your cases", "Родственник или юридическая помощь могут видеть ваши дела", "lawyer")]
    [InlineData("ru", "No notice yet.", "Сообщений пока нет.", "notice (from the worker)")]
    [InlineData("ru", "No message yet.", "Уведомлений пока нет.", "message (to the worker)")]
    [InlineData("ru", "Your case", "Моё дело", "the reader")]
    [InlineData("kk", "Enrol a worker", "Жұмысшыны есепке алу", "worker")]
    [InlineData("kk", "How the service is doing", "Қызметтің жұмысы", "this service")]
    [InlineData("kk", "You have been removed from the register", "Сіз тізілімнен шығарылдыңыз", "the register, and removal from it")]
    [InlineData("kk", "You have been removed from the register", "Сіз тізімнен шығарылдыңыз", "the register, and removal from it")]
    [InlineData("kk", "Correct this notice", "Бұл хабарламаны түзету", "notice (from the worker)")]
    [InlineData("kk", "Open the file of the answer", "Жауаптың құжатын ашу", "file (what comes with an answer)")]
    [InlineData("kk", "Reviewer", "Тексеруші", "reviewer")]
    [InlineData("en", "My case", "My case", "the reader")]
    [InlineData("en", "A member of staff", "A member of staff", "officer (in general)")]
    [InlineData("en", "Office: NRV-01", "Office: NRV-01", "centre")]
    public void Faults_OfAWordOfTheOtherSide_AreFound(string lang, string english, string text, string term) => Assert.Contains(term, Glossary.Faults(lang, text, english).Select(f => f.Term));

    // And what sounds alike is left alone.
    [Theory]
    [InlineData("ru", "Narvela Migration Authority", "Миграционная служба Нарвельского края")]
    [InlineData("ru", "A person or an organisation", "Человек или организация")]
    [InlineData("ru", "{count} working days left.", "Осталось {count} рабочих дней.")]
    [InlineData("kk", "Narvela Migration Authority", "Нарвела өлкесінің көші-қон қызметі")]
    [InlineData("kk", "Officers", "Қызметкерлер")]
    [InlineData("kk", "You can serve them until {until}.", "Оған мына уақытқа дейін қызмет көрсете аласыз: {until}.")]
    [InlineData("ru", "This invitation does not work.", "Это приглашение не действует.")]
    [InlineData("ru", "The message about your notice", "Сообщение о вашем уведомлении")]
    [InlineData("en", "Staff number", "Staff number")]
    public void Faults_OfAWordThatMeansSomethingElse_AreNone(string lang, string english, string text) => Assert.Empty(Glossary.Faults(lang, text, english));

    // Sentences that led people astray, or that nobody says.
    [Theory]
    [InlineData("ru", "Ваши доказательства")]
    [InlineData("ru", "юридическая помощь")]
    [InlineData("ru", "вы там с {")]
    [InlineData("ru", "Назвать помощника")]
    [InlineData("ru", "Внести работника")]
    [InlineData("ru", "Зачем вы смотрите?")]
    [InlineData("ru", "Вы не спрашивали")]
    [InlineData("ru", "Решение не действует")]
    [InlineData("kk", "дәлелдеріңіз")]
    [InlineData("kk", "Көмекшіні ата")]
    [InlineData("kk", "бірдеңеңізді")]
    [InlineData("kk", "шағымыңыз қабылданбады")]
    [InlineData("kk", "Орталықта жазылу")]
    [InlineData("kk", "Неге қарайсыз?")]
    [InlineData("kk", "Мекенжайды растаңыз, жабылады")]
    public void Texts_OfACatalogue_HaveNoneOfTheseSentences(string lang, string sentence) =>
        Assert.All(Vocabulary.Catalogue(lang), t => Assert.DoesNotContain(sentence, t.Value, StringComparison.OrdinalIgnoreCase));

    // A date is filled in as it stands and takes no ending: "2026 жылғы 22 қараша дейін" is no Kazakh; "күніне дейін" is, or the date behind a colon.
    // Nor does a number: it is 90-ға and 10-ға, but 8-ге and 7-ге.
    [Fact]
    public void Texts_InKazakh_AskNoCaseOfADateOrANumber() =>
        Assert.All(Vocabulary.Catalogue("kk").Where(t => t.Key[0] != '@'), t =>
        {
            Assert.DoesNotMatch(DateInACase(), t.Value);
            Assert.DoesNotMatch(NumberInACase(), t.Value);
        });

    // A Russian date ends with a stop of its own where it has no time, and only there: the sentence's own stop is always written.
    [Fact]
    public void Texts_InRussian_EndASentenceAfterADate() =>
        Assert.All(Vocabulary.Catalogue("ru").Where(t => t.Key[0] != '@'), t =>
        {
            Assert.DoesNotMatch(DateBeforeASentence(), t.Value);
            if (t.Value.EndsWith("{date}", StringComparison.Ordinal)) Assert.False(Glossary.EnglishOf(t.Key).EndsWith('.'), $"{t.Key}: {t.Value}");
        });

    static IEnumerable<string> Descriptions(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(m =>
            m.Name is "description" or "summary" or "title" && m.Value.ValueKind == JsonValueKind.String ? [m.Value.GetString()!] : Descriptions(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Descriptions),
        _ => [],
    };

    [GeneratedRegex(@"\.(?:\w*Command|CommandLine|Mistyped|ReportText|ServiceOptions|ActivationSlip)[.+]", RegexOptions.None, 5000)]
    private static partial Regex Prints();

    [GeneratedRegex(@"^\s*(?:select|insert into|update|delete from|with \w+ as|create|alter|grant|revoke) ", RegexOptions.None, 5000)]
    private static partial Regex Sql();

    // A command, an option, a path: typed or opened as it is written.
    [GeneratedRegex(@"manzil(?: [a-z]+)+|--[a-z][a-z-]*|/[\w/.-]+", RegexOptions.None, 5000)]
    private static partial Regex OfTheMachine();

    [GeneratedRegex(@"\{(?:date|until|time|deadline)\} (?:дейін|бастап|ашыл|жасал|жет|қайт|жібер|тапсыр|аяқтал)", RegexOptions.None, 5000)]
    private static partial Regex DateInACase();

    [GeneratedRegex(@"\}-(?:[дтн][ае]н|[гғкқ][аәе]|[дт][ае]|[дтн][ыі]|[дтн][ыі]ң)(?!\p{L})", RegexOptions.None, 5000)]
    private static partial Regex NumberInACase();

    [GeneratedRegex(@"\{(?:date|until|deadline)\} \p{Lu}", RegexOptions.None, 5000)]
    private static partial Regex DateBeforeASentence();
}
