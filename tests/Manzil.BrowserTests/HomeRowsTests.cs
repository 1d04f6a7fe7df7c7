using System.Collections.Concurrent;
using Manzil.Tests.Databases;
using Manzil.Tests.Home;

namespace Manzil.BrowserTests;

/// <summary>Each row of the first page's table (tests/Manzil.Tests/Home/home.txt) on the narrowest phone, in each language; with axe where it looks like no row before.</summary>
public sealed class HomeRowsTests(Chromium chromium)
{
    static readonly ConcurrentDictionary<string, bool> Seen = new();

    public static IEnumerable<TheoryDataRow<string>> Rows => HomeRows.All.Select(r => new TheoryDataRow<string>(r.Name));

    [Theory, MemberData(nameof(Rows))]
    public async Task Home_InEachState_IsCleanInEveryLanguage(string row)
    {
        chromium.Need();
        await using var story = await HomeStory.BeginAsync(DatabaseKind.Sqlite, isInEveryLanguage: true);
        await HomeRows.All.Single(r => r.Name == row).GoAsync(story);
        foreach (var language in new[] { "en", "ru", "kk" })
        {
            var origin = story.Service.Url.GetLeftPart(UriPartial.Authority);
            await chromium.OnPhoneAsync(
                async phone =>
                {
                    await phone.Context.AddCookiesAsync([new() { Name = "manzil", Value = await story.SessionAsync(), Url = origin }]);
                    await phone.GotoAsync("/?lang=" + language);
                    Assert.Equal(1, await phone.Page.Locator("main .manzil-state .manzil-pictogram").CountAsync());
                    if (Seen.TryAdd(language + await phone.ShapeAsync(), true)) await phone.CheckAllAsync();
                    else await phone.CheckAsync();
                    await phone.KeepPicturesAsync(string.Concat(row.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')) + "-" + language);
                },
                language,
                origin: origin);
        }
    }
}
