using System.Text;

namespace Manzil.Typing;

/// <summary>
/// Letters that cannot be told from Latin ones on a card: whoever types them means what is printed there. What looks like no Latin
/// letter, or like another one small than large, is left as it is, for the page to name.
/// </summary>
static class LookAlikes
{
    //                       Cyrillic, Kazakh and Ukrainian | Greek | Turkish
    const string Others = "АВЕКМНОРСТУХІЈЅҮҺԚԜавекмнорстухіјѕүһԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβειοκρτχ" + "İı";
    const string Latin = "ABEKMHOPCTYXIJSYHQWabekmhopctyxijsyhqw" + "ABEZHIKMNOPTYXabeiokptx" + "Ii";

    static readonly Dictionary<int, char> Of = Others.Zip(Latin).ToDictionary(pair => (int)pair.First, pair => pair.Second);

    /// <summary>The Latin letter or the sign of ASCII that is meant; the same where there is none.</summary>
    public static Rune Read(Rune rune) =>
        Of.TryGetValue(rune.Value, out var latin) ? new Rune(latin) : Narrow(rune);

    /// <summary>Signs of ASCII as keyboards of East Asia write them.</summary>
    public static Rune Narrow(Rune rune) => rune.Value is >= 0xFF01 and <= 0xFF5E ? new Rune(rune.Value - 0xFF01 + '!') : rune;
}
