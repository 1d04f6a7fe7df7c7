using System.Diagnostics;
using System.Text.RegularExpressions;
using Manzil.Layout;

namespace Manzil.Tests.Privacy.Pages;

/// <summary>
/// privacy.md 1 to 4, without a browser: which scripts there are and what each may use, what the style sheet loads, and who may ask
/// a browser for a position. Lists of what is allowed, so that another spelling of what is not is not on them.
/// </summary>
public sealed partial class PhoneTests : IDisposable
{
    /// <summary>The scripts that may ask for the phone's position. No page compares positions yet.</summary>
    static readonly string[] MayAskForAPosition = [];

    /// <summary>
    /// All that a script may use that asks for a position: it reads the page, compares numbers and writes words. Nothing here sends, keeps,
    /// navigates or submits, so what the phone saw stays in it.
    /// </summary>
    static readonly HashSet<string> Quiet =
    [
        "navigator.geolocation.getCurrentPosition()", "position asked 1 times, 1 after a tap", "document.querySelector()", "document.getElementById()", "Number()",
        "Math.sin()", "Math.cos()", "Math.asin()", "Math.sqrt()", "Math.PI", "Math.round()",
        ".coords", ".latitude", ".longitude", ".accuracy", ".code", ".dataset", ".hidden =", ".textContent =", ".addEventListener()", ".preventDefault()",
        "key enableHighAccuracy", "key timeout", "key maximumAge",
    ];

    readonly string _folder = Directory.CreateTempSubdirectory("manzil-script-").FullName;

    static string Public => Path.Combine(Repository.Root, "src", "Manzil", "wwwroot");

    /// <summary>Every script that a page may load, with what it may use.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> Scripts { get; } = ReadScripts();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // What is handed to phones is these files, and no other.
    [Fact]
    public void Files_HandedOut_AreThese() => Assert.Equal(
        new[] { "built/manzil.css", "favicon.svg" }.Concat(Scripts.Keys).Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Public, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Public, f).Replace('\\', '/')).Order(StringComparer.Ordinal));

    [Fact]
    public void Script_OfEveryPage_UsesWhatItsListNames()
    {
        Assert.NotEmpty(Scripts);
        foreach (var (file, listed) in Scripts)
        {
            var uses = Uses(Path.Combine(Public, file));
            var differs = uses.Except(listed).Select(u => "+ " + u).Concat(listed.Except(uses).Select(u => "- " + u)).ToList();
            Assert.True(differs.Count == 0, $"{file} and scripts.txt differ:\n{string.Join('\n', differs)}");
            Assert.Equal(MayAskForAPosition.Contains(file), uses.Any(IsOfPosition));
            Assert.Empty(Told(uses));
        }
    }

    // The check itself: what names a thing only when it runs is refused, since no list could hold it.
    [Theory]
    [InlineData("navigator['geo' + 'location'].getCurrentPosition(f)")]
    [InlineData("navigator['geolocation'].watchPosition(f)")]
    [InlineData("const n = navigator; n /* */ [key]()")]
    [InlineData("document.querySelector('a')\n[name]")]
    [InlineData("const { [name]: it } = navigator")]
    [InlineData("import('x')")]
    [InlineData("import x from 'x'")]
    [InlineData("with (navigator) geolocation.getCurrentPosition(f)")]
    [InlineData("f`x`")]
    [InlineData("this.navigator")]
    [InlineData("class A extends HTMLElement { }")]
    [InlineData("for (const k in navigator) f(k)")]
    [InlineData("new Proxy(function () { return new.target; }, {})")]
    public void Uses_WhatIsNamedAtRunTime_IsRefused(string script) => Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => UsesOf(script));

    // However it is come by, it is told as what it is, or the whole that it is a part of is, which is on no list either.
    [Theory]
    [InlineData("const { geolocation } = navigator", "navigator")]
    [InlineData("const n = navigator; n.geolocation.watchPosition(f)", "navigator")]
    [InlineData("const g = navigator.geolocation", "navigator.geolocation")]
    [InlineData("navigator?.geolocation?.watchPosition(f)", "navigator.geolocation.watchPosition()")]
    [InlineData("\\u006eavigator.geolocation.watchPosition(f)", "navigator.geolocation.watchPosition()")]
    [InlineData("{ const navigator = 1; } navigator.geolocation.watchPosition(f)", "navigator.geolocation.watchPosition()")]
    [InlineData("document.defaultView.navigator.geolocation", "document.defaultView.navigator.geolocation")]
    [InlineData("addEventListener('load', (e) => e.view.navigator)", ".view")]
    [InlineData("Reflect.get(window, x)", "window")]
    [InlineData("new Function('return 1')", "Function new")]
    [InlineData("(() => 1).constructor('return 1')()", ".constructor()")]
    [InlineData("eval('1')", "eval()")]
    [InlineData("setTimeout('navigator')", "text \"navigator\"")]
    [InlineData("new Image().src = '/x'", ".src =")]
    [InlineData("location = '/x'", "location =")]
    [InlineData("window.location.href = '/x'", "window.location.href =")]
    [InlineData("sessionStorage.x = 1", "sessionStorage.x =")]
    [InlineData("document.cookie = 'x'", "document.cookie =")]
    [InlineData("f('//elsewhere.example/x')", "text \"//elsewhere.example/x\"")]
    [InlineData("f(`//elsewhere.example/${x}`)", "text \"//elsewhere.example/\"")]
    [InlineData("fetch('/x', { headers: { 'X-At': x } })", "key X-At")]
    public void Uses_WhatCouldTell_NamesIt(string script, string use)
    {
        var uses = UsesOf(script);
        Assert.Contains(use, uses);
        Assert.DoesNotContain(use, Scripts.Values.SelectMany(s => s));
    }

    // What a page that compares positions may be; none of it is served yet.
    [Fact]
    public void Told_AScriptThatAsksOnceAfterATapAndTellsNobody_IsNothing()
    {
        const string asks = "document.querySelector('b').addEventListener('click', () => navigator.geolocation.getCurrentPosition((p) => { document.querySelector('p').textContent = p.coords.accuracy; }));";
        Assert.Empty(Told(UsesOf(asks)));
        foreach (var more in new[] { "fetch('/language')", "document.querySelector('form').submit()", "new Image().src = '/favicon.svg'", "localStorage.x = 1", "document.title = 'x'", "history.pushState(1, 2, 3)" })
            Assert.NotEmpty(Told(UsesOf(asks + more)));
        Assert.NotEmpty(Told(UsesOf("navigator.geolocation.getCurrentPosition((p) => {})")));
        Assert.NotEmpty(Told(UsesOf(asks + asks)));
        Assert.NotEmpty(Told(UsesOf(asks.Replace("getCurrent", "watch", StringComparison.Ordinal))));
        Assert.NotEmpty(Told(UsesOf(asks.Replace("'click'", "'load'", StringComparison.Ordinal))));
    }

    // No page carries a script of its own, an event handler, or an address elsewhere; no answer is made of a script by the program.
    [Fact]
    public void Sources_OfPages_HoldNoScriptAndNoAddressElsewhere()
    {
        foreach (var file in Sources(".cshtml"))
        {
            var text = RazorComment().Replace(Repository.Read(file), "");
            Assert.False(Inline().IsMatch(text) || Elsewhere().IsMatch(text), $"{file}: {Inline().Match(text).Value}{Elsewhere().Match(text).Value}");
            foreach (Match script in ScriptTag().Matches(text)) Assert.Contains(script.Groups[1].Value, Scripts.Keys);
        }

        // Pictures that the program itself draws: a receipt's code, and its printed sheet.
        Assert.Equal(
            ["Cases/Desk/_Receipt.cshtml @Html.Raw(Model.Code)", "Notices/_Notice.cshtml @Html.Raw(Model.Code)", "Receipts/_Print.cshtml @Html.Raw(Model.Sheet)"],
            Sources(".cshtml", ".cs").SelectMany(f => Raw().Matches(Repository.Read(f)).Select(m => $"{Path.GetRelativePath("src/Manzil", f)} {m.Value}")).Order(StringComparer.Ordinal));
        Assert.Empty(Sources(".cs").Where(f => ScriptInCode().IsMatch(Repository.Read(f))));
    }

    // One place says what a browser may do; PageMarkupTests reads what arrives.
    [Fact]
    public void Sources_ThatSayWhatABrowserMayDo_AreOnePlace()
    {
        // A document is shown in a box that may do less than any page.
        Assert.Equal(["src/Manzil/Cases/Desk/DocumentPage.cshtml.cs", "src/Manzil/Layout/SecurityHeaders.cs"], Sources(".cs", ".cshtml").Where(f => Policy().IsMatch(Repository.Read(f))).Order(StringComparer.Ordinal));
        Assert.Empty(Sources(".cs", ".cshtml").Where(f => Path.GetFileName(f) != "SecurityHeaders.cs" && Repository.Read(f).Contains("PermissionsPolicy", StringComparison.Ordinal)));
        Assert.Equal("default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'", SecurityHeaders.ContentSecurityPolicy);
        Assert.StartsWith("geolocation=(), camera=(), ", SecurityHeaders.PermissionsPolicy, StringComparison.Ordinal);
    }

    static readonly string[] AtRules = ["@bottom-right", "@media", "@page", "@supports"];

    // Of which none fetches: url(), src(), image-set() and whatever comes after them are not among them.
    static readonly string[] StyleFunctions =
        ["attr(", "calc(", "counter(", "env(", "fit-content(", "has(", "inset(", "is(", "max(", "media(", "minmax(", "not(", "polygon(", "rect(", "rgba(", "rotate(", "supports(", "translateX(", "var("];

    [Fact]
    public void Style_OfEveryPage_LoadsNothing()
    {
        var text = File.ReadAllText(Path.Combine(Public, "built", "manzil.css"));
        Assert.Empty(StyleWords(text).Except(AtRules).Except(StyleFunctions));
        foreach (var bad in new[] { "a{background:url(//x.example/1.png)}", "a{background:URL( 'x')}", "a{background:u\\72l(x)}", "@import 'x';", "@font-face{src:local(x)}", "a{background:image-set('x' 1x)}", "@\\69mport 'x';" })
            Assert.NotEmpty(StyleWords(text + bad).Except(AtRules).Except(StyleFunctions));
        foreach (var file in Directory.EnumerateFiles(Public, "*.svg", SearchOption.AllDirectories))
            Assert.DoesNotMatch("<(?!/?(svg|rect|path)\\b)|href|url|on[a-z]+=|style|&|//(?!www\\.w3\\.org/2000/svg)", File.ReadAllText(file));
    }

    // Each function, each rule with an @, and each escape but the one that is in a class's name.
    static IEnumerable<string> StyleWords(string text) =>
        StyleWord().Matches(Quoted().Replace(text, "\"\"")).Select(m => m.Value).Where(w => w.Length > 1 && w != "\\:focus").Distinct();

    // Of a picture, the way up: "imaGEOrientation" has nothing to do with places.
    static bool IsOfPosition(string use) => use != "key imageOrientation" && (use.Contains("osition", StringComparison.Ordinal) || use.Contains("geo", StringComparison.OrdinalIgnoreCase) || use.Contains("coords", StringComparison.Ordinal));

    /// <summary>What a script that has to do with positions uses beyond what it may; nothing for any other script.</summary>
    static IEnumerable<string> Told(IReadOnlyList<string> uses) =>
        uses.Any(IsOfPosition) ? uses.Where(u => !Quiet.Contains(u) && !u.StartsWith("text ", StringComparison.Ordinal)).Concat(Quiet.Take(2).Except(uses)) : [];

    IReadOnlyList<string> UsesOf(string script)
    {
        var file = Path.Combine(_folder, "x.js");
        File.WriteAllText(file, script);
        return Uses(file);
    }

    static IReadOnlyList<string> Uses(string file)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "Manzil.Tests", "interop", "script-uses.mjs"), file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = node.StandardError.ReadToEndAsync();
        var output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.True(node.ExitCode == 0, errors.GetAwaiter().GetResult());
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    static Dictionary<string, IReadOnlyList<string>> ReadScripts() => Repository.Read("tests/Manzil.Tests/Privacy/Pages/scripts.txt").Split("\n## ").Skip(1)
        .Select(part => part.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToDictionary(lines => lines[0], lines => (IReadOnlyList<string>)lines[1..]);

    static IEnumerable<string> Sources(params string[] endings) =>
        Repository.Files("src", "*").Where(f => endings.Any(e => f.EndsWith(e, StringComparison.OrdinalIgnoreCase)));

    [GeneratedRegex(@"@?Html\.Raw\([^\n]*?\)(?=\s)|new HtmlString\([^\n]*|@?Html\.(?!Raw\b|PartialAsync\b|AntiForgeryToken\b)\w+\(", RegexOptions.None, 5000)]
    private static partial Regex Raw();

    [GeneratedRegex(@"@\*.*?\*@", RegexOptions.Singleline, 5000)]
    private static partial Regex RazorComment();

    [GeneratedRegex("""<script(?![^>]*\bsrc=)|<script[^>]*>\s*[^\s<]|<style|\s(on[a-z]{3,}|style|srcdoc)\s*=\s*["'@]|javascript:""", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Inline();

    [GeneratedRegex("""(src|href|srcset|action|poster|data|ping|content|url)\s*=\s*["']?\s*(https?:|wss?:|//)|<(iframe|object|embed|base|portal)\b|http-equiv""", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Elsewhere();

    [GeneratedRegex("""<script[^>]*src="~?/([^"]*)""", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex ScriptTag();

    [GeneratedRegex("<script|javascript:|application/javascript|preconnect|dns-prefetch|modulepreload", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex ScriptInCode();

    [GeneratedRegex("geolocation|permissions-policy|content-security-policy|ContentSecurityPolicy\\s*=|feature-policy", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Policy();

    [GeneratedRegex("""/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", RegexOptions.Singleline, 5000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"@[\w\\-]+|[\w-]*\(|\\\W?\w+", RegexOptions.None, 5000)]
    private static partial Regex StyleWord();
}
