using System.Net;
using System.Text.RegularExpressions;
using Manzil.Demo;
using Manzil.Layout;
using Manzil.Tests.Layout;
using Manzil.Tests.Notices;
using Manzil.Tests.Privacy.Pages;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests;

// The README to the letter, as somebody follows it from top to bottom in a fresh clone (found.md 27).
public partial class DocumentedCommandsTests
{
    // What is leaned on that is neither a button nor a link: the name of the service, and a sentence that pages say.
    static readonly string[] NoNames = ["Manzil", "not yet witnessed"];

    [Fact]
    public void Readme_NamesOfButtonsAndLinks_AreThoseOfThePages()
    {
        var texts = Vocabulary.Catalogue("en").Values.ToHashSet();
        var named = Leaning().Matches(Block().Replace(Repository.Read("README.md"), "")).Select(m => m.Groups[1].Value).ToList();
        Assert.True(named.Except(NoNames).Distinct().Count() >= 4, string.Join(", ", named));
        Assert.All(named.Except(NoNames), name => Assert.True(texts.Contains(name) || texts.Contains(Number().Replace(name, "{count}", 1)), $"*{name}* is on no button and no link"));
        Assert.Contains(texts, t => t.Contains("not yet witnessed", StringComparison.OrdinalIgnoreCase));
        // Only what the demo's clock offers.
        var days = named.Where(n => n.EndsWith(" days ahead", StringComparison.Ordinal)).Select(n => int.Parse(n.Split(' ')[0])).ToList();
        Assert.NotEmpty(days);
        Assert.Subset(ClockPage.Choices.ToHashSet(), days.ToHashSet());
    }

    // A command that is pasted finds what it names: in the tree, or made by a block above it, or by what is said to be done above it.
    [Fact]
    public async Task Readme_EachBlock_NamesOnlyWhatIsThereByThen()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var readme = Repository.Read("README.md");
        var made = new HashSet<string>();
        var lines = 0;
        foreach (Match block in Block().Matches(readme))
        {
            // The reader's own file has a name, and a button that makes it, before the block that reads it.
            if (readme[..block.Index].Contains("whose name is `manzil-` and the receipt's number, into this folder", StringComparison.Ordinal)) made.Add("manzil-*.zip");
            foreach (var line in block.Groups[2].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                lines++;
                var words = Words(Comment().Replace(line, ""));
                foreach (var address in words.Where(w => w.StartsWith("http://localhost:8080/", StringComparison.Ordinal) && !w.EndsWith("/log", StringComparison.Ordinal)))
                {
                    using var answer = await service.Client.GetAsync(new Uri(address).AbsolutePath, TestContext.Current.CancellationToken);
                    Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{line}: {address} answers {(int)answer.StatusCode}");
                }

                if (words[0] == "curl")
                {
                    Assert.Matches("^-[a-zA-Z]*O$", words[1]);
                    made.Add(words[2].Split('/')[^1]);
                    continue;
                }

                var program = Path.Combine(Repository.Root, words[0]);
                Assert.True(words[0].StartsWith("./", StringComparison.Ordinal) && File.Exists(program) && File.GetUnixFileMode(program).HasFlag(UnixFileMode.UserExecute), $"{line}: there is no {words[0]}");
                if (words[0] == "./manzil") Assert.Empty(Program.Commands().Parse(words[1..]).Errors);
                for (var i = 1; i < words.Count; i++)
                {
                    // What a command writes to is there for those after it.
                    if (words[i - 1] == "--state" || (words[i - 1] == "--data" && words[1] == "serve")) made.Add(words[i]);
                    Assert.True(words[i - 1] != "--data" || made.Contains(words[i]), $"{line}: which block made {words[i]}?");
                    Assert.True(!IsPlace().IsMatch(words[i]) || made.Contains(words[i]) || Path.Exists(Path.Combine(Repository.Root, words[i])), $"{line}: where is {words[i]}?");
                }
            }
        }

        Assert.True(lines >= 11, $"only {lines} lines");
    }

    [Fact]
    public async Task Readme_FileOfAReceipt_IsSavedUnderTheNameThatItSays()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var worker = await SignedInWorker.NewAsync(service);
        var number = (await worker.GiveAsync("""{"kind":"registration"}""")).Number;
        var visitor = await (await Notices.Visitor.SignInAsync(service, worker.Worker)).GetAsync($"/notices/{number}");
        var link = Assert.Single(Element.Parse(visitor.Html).All, e => e.Name == "a" && e.Words == "Save the receipt as a file");
        await visitor.GetAsync(link["href"]!);
        Assert.Equal($"manzil-{number}.zip", visitor.Answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        Assert.Equal(Texts.For("en")["notice.download"], link.Words);
    }

    [GeneratedRegex(@"(?<![*\w])\*([^*\n]+)\*(?![*\w])", RegexOptions.None, 5000)]
    private static partial Regex Leaning();

    [GeneratedRegex("[0-9]+", RegexOptions.None, 5000)]
    private static partial Regex Number();

    // A file or a folder, and no address on the web, document or option.
    [GeneratedRegex(@"^(?!-)(?!.*://)[\w.*/-]*(?:/|\.(?:json|zip|txt|cbor|pem)$)[\w.*/-]*$", RegexOptions.None, 5000)]
    private static partial Regex IsPlace();
}
