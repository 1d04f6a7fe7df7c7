using System.Text;
using System.Text.RegularExpressions;

namespace Manzil.Tests;

// What the documents tell people to paste is understood by the real command line.
public partial class DocumentedCommandsTests
{
    static readonly string[] Documents = ["README.md", "docs/operating.md", "docs/api.md", "docs/rules-file.md", "docs/receipts.md", "docs/threats.md", "docs/security.md"];

    [Fact]
    public void Commands_InTheDocuments_AreUnderstood()
    {
        var commands = Documents.SelectMany(document => Commands(Repository.Read(document)).Select(command => (document, command))).ToList();
        Assert.True(commands.Count >= 12, $"only {commands.Count} commands");
        Assert.All(commands, c =>
        {
            var parsed = Program.Commands().Parse(Words(c.command));
            Assert.True(parsed.Errors.Count == 0, $"{c.document}: manzil {c.command}: {string.Join(" ", parsed.Errors.Select(e => e.Message))}");
        });
    }

    [Fact]
    public void Links_InTheDocuments_LeadToFiles()
    {
        foreach (var document in Repository.Files("docs", "*.md").Append("README.md").Append("CONTRIBUTING.md"))
        {
            foreach (Match link in Link().Matches(Repository.Read(document)))
            {
                var target = link.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal)) continue;
                var path = Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, target);
                Assert.True(File.Exists(path) || Directory.Exists(path), $"{document} links to {target}, which is not there");
            }
        }
    }

    // A test that a document names, in backquotes with its class, must exist.
    [Fact]
    public void Tests_ThatDocumentsName_Exist()
    {
        var named = Repository.Files("docs", "*.md").Append("README.md").SelectMany(d => NamedTest().Matches(Repository.Read(d)).Select(m => (Class: m.Groups[1].Value, Method: m.Groups[2].Value, Document: d))).ToList();
        Assert.True(named.Count > 20);
        var sources = Repository.Files("tests", "*.cs").GroupBy(f => Path.GetFileNameWithoutExtension(f)).ToDictionary(g => g.Key, g => string.Concat(g.Select(Repository.Read)));
        Assert.All(named, n => Assert.True(
            sources.TryGetValue(n.Class, out var source) && (n.Method.Length == 0 || source.Contains($" {n.Method}(", StringComparison.Ordinal)),
            $"{n.Document} names the test {n.Class}.{n.Method}, which does not exist"));
    }

    [Theory]
    [InlineData("```sh\n./manzil calendar add 2026-03-02 10 --rules x.json   # counts\nls\n```", "calendar add 2026-03-02 10 --rules x.json")]
    [InlineData("```sh\n./manzil serve \\\n  --demo\n```", "serve --demo")]
    [InlineData("```json\n./manzil serve\n```", null)]
    public void Commands_AreFound(string document, string? command) =>
        Assert.Equal(command, Commands(document).SingleOrDefault());

    static IEnumerable<string> Commands(string document)
    {
        foreach (Match block in Block().Matches(document))
        {
            if (block.Groups[1].Value is not ("" or "sh")) continue;
            foreach (var line in block.Groups[2].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(l => l.Trim()))
            {
                var text = line.StartsWith("./manzil ", StringComparison.Ordinal) ? line["./manzil ".Length..]
                    : line.StartsWith("manzil ", StringComparison.Ordinal) ? line["manzil ".Length..] : null;
                if (text is not null) yield return Spaces().Replace(Comment().Replace(text, "").Trim(), " ");
            }
        }
    }

    // Words as a shell makes them, as far as these documents need it.
    static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char? quote = null;
        foreach (var c in line + " ")
        {
            if (quote is null && c is '"' or '\'') quote = c;
            else if (c == quote) quote = null;
            else if (quote is null && c == ' ')
            {
                if (word.Length > 0) words.Add(word.ToString());
                word.Clear();
            }
            else word.Append(c);
        }

        return words;
    }

    [GeneratedRegex("^```([a-z]*)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline, 5000)]
    private static partial Regex Block();

    [GeneratedRegex(" +# .*$", RegexOptions.None, 5000)]
    private static partial Regex Comment();

    [GeneratedRegex(" {2,}", RegexOptions.None, 5000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\]\(([^)]+)\)", RegexOptions.None, 5000)]
    private static partial Regex Link();

    [GeneratedRegex(@"`([A-Z]\w*Tests)(?:\.(\w+))?`", RegexOptions.None, 5000)]
    private static partial Regex NamedTest();
}
