using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Manzil.Layout;
using Manzil.Messages;
using Manzil.Tests.Rules;
using NodaTime;

namespace Manzil.Tests.Messages;

/// <summary>An SMS fits two parts where its letters are the networks' own (306 septets of GSM 7-bit), else four (268 UTF-16 units); measured in docs/decisions/0056.</summary>
public class SmsTextTests
{
    const string Gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const string GsmExtended = "^{}\\[~]|€\f";

    // The keys of messages, from the catalogue as it is built in.
    static IReadOnlyList<string> Keys { get; } =
        [.. JsonDocument.Parse(typeof(Texts).Assembly.GetManifestResourceStream("Languages/en")!).RootElement.EnumerateObject().Select(p => p.Name)
            .Where(k => k.StartsWith("message.", StringComparison.Ordinal) && k.EndsWith(".subject", StringComparison.Ordinal)).Select(k => k[..^".subject".Length])];

    [Fact]
    public void Message_InEveryLanguageWithTheLongestValues_FitsItsParts()
    {
        Assert.True(Keys.Count >= 18);
        var tooLong = new List<string>();
        foreach (var language in Language.All.Keys)
        {
            foreach (var key in Keys)
            {
                // What is written from the right brings its isolates, and with them the wide alphabet.
                foreach (var name in (string[])[new string('W', 200), new string('Ж', 200), new string('ש', 200), "عبدالرحمن-محمد", "عبدالرحمنمحم", "Гүлнұр-Айымгүл-Бибігүл", "Aziz"])
                {
                    foreach (var channel in (string[])["…678", "a…@" + new string('w', 200) + ".example"])
                    {
                        var text = Text(language, key, name, channel);
                        if (Segments(text) > (IsGsm(text) ? 2 : 4)) tooLong.Add($"{language} {key}: {text.Length} in “{text}”");
                    }
                }
            }
        }

        Assert.True(tooLong.Count == 0, string.Join('\n', tooLong));
    }

    // One letter outside the networks' own alphabet, a curly apostrophe say, and the whole SMS is sent in the wide one: 70 characters in place of 160.
    [Fact]
    public void Message_InEnglish_IsInTheNetworksAlphabet() =>
        Assert.All(Keys, key => Assert.Equal("", new string([.. Text("en", key, "Aziz", "+7 999").Where(c => !Gsm.Contains(c) && !GsmExtended.Contains(c))])));

    // Nothing that signs anyone in or leads anywhere, and of a person only the first name: documents, cards, addresses and birth dates have no place to stand in.
    [Fact]
    public void Message_InEveryLanguage_HasNoLinkAndNoPlaceForMoreThanTheFirstName()
    {
        foreach (var language in Language.All.Keys)
        {
            foreach (var text in JsonDocument.Parse(typeof(Texts).Assembly.GetManifestResourceStream($"Languages/{language}")!).RootElement.EnumerateObject().Where(p => p.Name.StartsWith("message.", StringComparison.Ordinal)))
            {
                Assert.DoesNotMatch("(?i)http|www|//|@", text.Value.ToString());
                // Letters that force the wide alphabet and say no more than those on a keyboard.
                Assert.DoesNotMatch("[‘’“”„«»–—…\u00a0]", text.Name.EndsWith(".sms", StringComparison.Ordinal) ? text.Value.ToString() : "");
                Assert.All(System.Text.RegularExpressions.Regex.Matches(text.Value.ToString(), @"\{(\w+)\}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value), place => Assert.Contains(place, (string[])["name", "date", "told", "number", "code", "channel", "n", "of"]));
            }
        }
    }

    [Fact]
    public void Message_WithANameFromTheRight_HasNoMoreRoomForItThanForAnother() =>
        Assert.All(Language.All.Keys, language => Assert.All(Keys, key =>
            Assert.True(Text(language, key, new string('ש', 200), "…678").Length <= Text(language, key, new string('Ж', 200), "…678").Length, $"{language} {key}")));

    static string Text(string language, string key, string name, string channel)
    {
        // Of all days of a year the one whose words are longest.
        var longest = Enumerable.Range(0, 365).Select(d => new LocalDate(2026, 1, 1).PlusDays(d)).MaxBy(d => Dates.InWords(d, language).Length);
        return Words.To(
            new Manzil.Register.Channel(1, "sms", "+70000000001", Mark: "000000"), language, key,
            ("name", name), ("date", longest), ("told", longest), ("number", "0000-00000-00000"), ("code", "000000"), ("channel", channel), ("n", 9), ("of", 10)).Body;
    }

    [Theory]
    [InlineData("Hello", 1)]
    [InlineData("Салем", 1)]
    public void Segments_OfShortTexts_AreOne(string text, int segments) => Assert.Equal(segments, Segments(text));

    [Fact]
    public void Segments_AtTheirLimits_AreCountedAsNetworksDo()
    {
        Assert.Equal([1, 2, 2, 3], ((int[])[160, 161, 306, 307]).Select(n => Segments(new string('a', n))));
        Assert.Equal([1, 2, 2, 3], ((int[])[70, 71, 134, 135]).Select(n => Segments(new string('ж', n))));
        Assert.Equal([1, 2], ((int[])[80, 81]).Select(n => Segments(new string('€', n))));
    }

    [Theory]
    [InlineData("Aziz", "Aziz")]
    [InlineData("Muhammadjonov", "Muhammadjono")]
    [InlineData("Abdu-Rahmonjonbek", "Abdu")]
    [InlineData("Anne-Marie-Louise", "Anne-Marie")]
    [InlineData("-aaaaaaaaaaaaaaaaaa", "-aaaaaaaaaaa")]
    [InlineData("عبدالرحمن", "عبدالرحمن")]
    [InlineData("عبدالرحمنمحمد", "عبدالرحمنم")]
    [InlineData("محمد-عبدالرحمن", "محمد")]
    [InlineData("ааааааааааае\u0301", "ааааааааааа")]
    public void FirstName_TooLong_IsCutWhereAReaderStillKnowsIt(string name, string cut) => Assert.Equal(cut, SmsText.FirstName(name));

    [Fact]
    public void Reminder_OnEveryChannel_SaysWhatRulesAsk()
    {
        foreach (var language in Language.All.Keys)
        {
            var date = new LocalDate(2026, 5, 4);
            foreach (var key in (string[])["message.reminder", "message.reminder-last", "message.reminder-late"])
            {
                (string, object)[] values = [("name", "Aziz"), ("date", date), ("n", 1), ("of", 3)];
                var email = Words.To(new Manzil.Register.Channel(1, "email", "a@example.org"), language, key, values).Body;
                var sms = Words.To(new Manzil.Register.Channel(1, "sms", "+70000000001"), language, key, [.. values, ("code", "123456")]).Body;
                Assert.All((string[])[email, sms], text =>
                {
                    Assert.Contains(Dates.InWords(date, language), text, StringComparison.Ordinal);
                    Assert.Contains("Aziz", text, StringComparison.Ordinal);
                });
                Assert.DoesNotContain("http", sms, StringComparison.Ordinal);
                Assert.Contains("123456", sms, StringComparison.Ordinal);
                Assert.DoesNotContain("123456", email, StringComparison.Ordinal);
            }
        }
    }

    static readonly Telling Words = new(RulesData.DemoRules, new Uri("https://manzil.narvela-region.example"), shownAtOnce: false);

    static bool IsGsm(string text) => text.All(c => Gsm.Contains(c) || GsmExtended.Contains(c));

    static int Segments(string text)
    {
        var isGsm = IsGsm(text);
        var units = isGsm ? text.Sum(c => GsmExtended.Contains(c) ? 2 : 1) : text.Length;
        var (alone, each) = isGsm ? (160, 153) : (70, 67);
        return units <= alone ? 1 : (units + each - 1) / each;
    }
}
