using System.Text.Json;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;

namespace Manzil.BrowserTests;

/// <summary>What must hold on every page, in every language, on the narrowest phone.</summary>
public static partial class PageChecks
{
    static readonly string[] Standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

    // Latin words that a Russian or Kazakh reader meets everywhere; names and numbers are told by their marks.
    static readonly HashSet<string> LatinWords = new(StringComparer.OrdinalIgnoreCase) { "Manzil", "cookie", "cookies", "zip", "JavaScript" };

    // Abbreviations are the same everywhere: SMS, QR, IP, PIN, the states' codes.
    static bool IsLatin(string word) => word.Any(char.IsAsciiLetter) && !LatinWords.Contains(word) && !(word.Length <= 4 && word.All(char.IsAsciiLetterUpper));

    // Frequent words of Russian that are none in Kazakh.
    static readonly HashSet<string> RussianWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "и", "вы", "вас", "вам", "для", "что", "это", "ваш", "ваша", "если", "или", "как", "когда", "нет", "чтобы", "мы", "вашего", "адреса", "нажмите", "введите",
    };

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task CheckAsync(this Phone phone)
    {
        var seen = await LookAsync(phone);
        if (!phone.HasScript) PagesLookedAt.AddWithoutScript(phone.Page.Url);
        var at = $"{seen.Url} ({phone.Language})";
        Assert.True(seen.Lang == phone.Language, $"{at}: lang is '{seen.Lang}'");
        Assert.True(seen.Headings == 1, $"{at}: {seen.Headings} h1");
        Assert.True(seen.Width <= seen.Window, $"{at}: {seen.Width} px wide in {seen.Window}: {string.Join(" | ", seen.Wide)}");
        Assert.True(seen.Inline.Length == 0, $"{at}: inline script or style: {string.Join(" | ", seen.Inline)}");
        Assert.True(seen.Small.Length == 0, $"{at}: smaller than 24 px: {string.Join(" | ", seen.Small)}");
        Assert.True(seen.Twice.Length == 0, $"{at}: id used twice: {string.Join(" | ", seen.Twice)}");
        // A printed sheet is saved under its title: there it is the receipt's number.
        Assert.True(seen.Title.EndsWith(" – Manzil", StringComparison.Ordinal) || seen.Url.EndsWith("/print", StringComparison.Ordinal), $"{at}: title is '{seen.Title}'");
        CheckLanguage(phone.Language, seen.Texts, at);
    }

    /// <summary>Every text of a page is in its own language, but for names, numbers and what is marked as another's.</summary>
    public static void CheckLanguage(string language, IEnumerable<string> texts, string at)
    {
        var own = Worker.Name.Split(' ');
        foreach (var text in texts)
        {
            // A word with a digit in it is a number of something; one with @, / or a dot inside is an address or a file.
            var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => !w.TrimEnd('.', ',', ';', ':', '!', '?', ')').Any(c => char.IsAsciiDigit(c) || c is '@' or '/' or '.'));
            foreach (var word in words.SelectMany(w => Word().Matches(w)).Select(m => m.Value))
            {
                if (own.Contains(word)) continue;
                var wrong = language switch
                {
                    "en" => word.Any(IsCyrillic),
                    "ru" => IsLatin(word) || word.Any("әіңғүұқөһӘІҢҒҮҰҚӨҺ".Contains),
                    _ => IsLatin(word) || RussianWords.Contains(word),
                };
                Assert.False(wrong, $"{at}: '{word}' in '{text}'");
            }
        }
    }

    public static async Task CheckAxeAsync(this Phone phone)
    {
        // Runs all of axe in the page; the newer way opens another page each time to put parts of frames together, and we have no frames.
#pragma warning disable CS0618 // it may go with a later version
        var result = await phone.Page.Locator("html").RunAxeLegacy(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = [.. Standards] } });
#pragma warning restore CS0618
        Assert.NotEmpty(result.Passes);
        PagesLookedAt.AddWithAxe(phone.Page.Url);
        Assert.True(result.Violations.Length == 0, $"{phone.Page.Url} ({phone.Language}): " + string.Join("\n", result.Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}")));
    }

    /// <summary>
    /// Looks at the page that is shown. Focus and axe take seconds, so a page in a state it was seen in before is only looked at; axe
    /// itself is a script, so without scripts there is none.
    /// </summary>
    public static Func<Task> Looking(this Phone phone)
    {
        var seen = new HashSet<string>();
        return async () =>
        {
            if (phone.HasScript && seen.Add(await phone.ShapeAsync())) await phone.CheckAllAsync();
            else await phone.CheckAsync();
        };
    }

    /// <summary>The page, and with scripts its focus and axe, whatever was seen before: a state may differ in a list's entries alone.</summary>
    public static async Task CheckAllAsync(this Phone phone)
    {
        await phone.CheckAsync();
        if (!phone.HasScript) return;
        await phone.CheckFocusAsync();
        await phone.CheckAxeAsync();
    }

    /// <summary>Goes through the page with the Tab key: each stop is marked, within the window, and covered by nothing.</summary>
    public static async Task CheckFocusAsync(this Phone phone)
    {
        await phone.Page.EvaluateAsync("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }");
        var stops = 0;
        for (; stops < 100; stops++)
        {
            await phone.Page.Keyboard.PressAsync("Tab");
            var problem = await phone.Page.EvaluateAsync<string?>(FocusScript);
            if (problem == "end") break;
            Assert.True(problem is null, $"{phone.Page.Url}: {problem}");
        }

        // The link to the content takes room while it has the focus, and what is pressed next would move away from under the mouse.
        await phone.Page.EvaluateAsync("() => document.activeElement?.blur()");

        Assert.InRange(stops, 1, 99);
    }

    /// <summary>The page's path and elements without their words and numbers.</summary>
    public static Task<string> ShapeAsync(this Phone phone) => phone.Page.EvaluateAsync<string>(ShapeScript);

    static async Task<Seen> LookAsync(Phone phone) => JsonSerializer.Deserialize<Seen>(await phone.Page.EvaluateAsync<string>(LookScript), Json)!;

    static bool IsCyrillic(char letter) => letter is >= '\u0400' and <= '\u04FF';

    [GeneratedRegex(@"\p{L}+", RegexOptions.None, 5000)]
    private static partial Regex Word();

    sealed record Seen(string Url, string Lang, string Title, int Headings, int Width, int Window, string[] Wide, string[] Inline, string[] Small, string[] Twice, string[] Texts);

    const string LookScript =
        """
        () => {
          const all = [...document.querySelectorAll('*')];
          const show = e => e.outerHTML.slice(0, 160);
          const box = e => e.getBoundingClientRect();
          const seen = e => e.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) && box(e).width > 1 && box(e).height > 1;
          const other = e => { const l = e.closest('[lang]'); return l && l.lang !== document.documentElement.lang; };
          const kept = e => !e.closest('script, style, code, pre, samp, textarea, [translate=no]') && !other(e);

          // WCAG 2.5.8 leaves out links within a sentence.
          const inSentence = e => e.tagName === 'A' && getComputedStyle(e).display === 'inline' &&
            [...e.parentElement.childNodes].some(n => n !== e && n.textContent.trim() !== '');
          const offscreen = e => box(e).bottom <= 0 || box(e).right <= 0;
          const small = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
            .filter(e => seen(e) && !offscreen(e) && !inSentence(e))
            .filter(e => Math.round(box(e).width) < 24 || Math.round(box(e).height) < 24);

          const texts = [document.title];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const text = walker.currentNode.data.trim();
            const parent = walker.currentNode.parentElement;
            // With scripts on, what is inside noscript is one text of tags that nobody sees.
            if (text && parent.tagName !== 'NOSCRIPT' && kept(parent)) texts.push(text);
          }
          for (const e of all)
            for (const name of ['aria-label', 'title', 'alt', 'placeholder'])
              if (e.hasAttribute(name) && kept(e)) texts.push(e.getAttribute(name));

          const ids = all.map(e => e.id).filter(id => id);
          const width = document.scrollingElement.scrollWidth;
          return JSON.stringify({
            url: location.href,
            lang: document.documentElement.lang,
            title: document.title,
            headings: document.querySelectorAll('h1').length,
            width,
            window: window.innerWidth,
            wide: width <= window.innerWidth ? [] : all.filter(e => box(e).right > window.innerWidth + 1).slice(-3).map(show),
            inline: all.filter(e => e.tagName === 'STYLE' || e.tagName === 'SCRIPT' && !e.src || e.hasAttribute('style') ||
              [...e.attributes].some(a => a.name.startsWith('on') || /^javascript:/i.test(a.value))).map(show),
            small: small.map(e => `${Math.round(box(e).width)}x${Math.round(box(e).height)} ${show(e)}`),
            twice: ids.filter((id, i) => ids.indexOf(id) !== i),
            texts,
          });
        }
        """;

    const string ShapeScript =
        """
        () => location.pathname.replace(/[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]{5}|\d+/g, 'N') + ' ' +
          [...document.querySelectorAll('main *:not(svg *):not(li *):not(dl *)')].map(e => e.tagName + '.' + e.className).join(' ')
        """;

    const string FocusScript =
        """
        () => {
          const e = document.activeElement;
          if (!e || e === document.body || e.dataset.visited) return 'end';
          e.dataset.visited = 'yes';
          const show = e.outerHTML.slice(0, 160);
          const marks = [getComputedStyle(e), ...[...(e.labels ?? [])].map(l => getComputedStyle(l, '::before'))];
          const marked = marks.some(s => s.boxShadow !== 'none' || s.outlineStyle === 'auto' || s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && !/, 0\)$/.test(s.outlineColor));
          if (!marked) return 'focus cannot be seen on ' + show;
          const r = e.getBoundingClientRect();
          const x = r.left + r.width / 2, y = r.top + Math.min(r.height, innerHeight) / 2;
          if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return 'focus is outside the window on ' + show;
          // A link over two lines has its middle between them.
          const [first] = e.getClientRects();
          const top = document.elementFromPoint(first.left + first.width / 2, first.top + first.height / 2);
          return top && (e.contains(top) || top.contains(e)) ? null : 'focus is hidden under another element on ' + show;
        }
        """;
}
