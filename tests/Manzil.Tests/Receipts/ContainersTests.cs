using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Tests.Databases;

namespace Manzil.Tests.Receipts;

/// <summary>found.md 4: what could not be read is never a verdict, whatever it was handed over in, at each door.</summary>
public sealed class ContainersTests : IDisposable
{
    static readonly ReceiptFile Genuine = Of(Sample.Act);
    static readonly ReceiptFile Altered = Genuine with { Statement = [.. Genuine.Statement[..^1], (byte)(Genuine.Statement[^1] ^ 1)] };

    readonly CommandRun _command = new();

    public static TheoryData<string> Names => new(Containers.Texts.Keys.Concat(Containers.Files.Keys));

    public static TheoryData<string, string> NotRead => new()
    {
        { "cut by three", "text-damaged" }, { "cut in the middle", "text-damaged" }, { "the second cut by three", "second-damaged" }, { "a letter dropped", "text-damaged" },
        { "second only", "second-only" }, { "prefix alone", "text-damaged" }, { "a letter without one", "other" }, { "PDF", "pdf" }, { "README.md", "other" }, { "photo", "picture" },
        { "web page without one", "web-page" }, { "keys", "keys" }, { "noise", "other" }, { "empty zip", "zip" }, { "zip of something else", "zip" }, { "zip cut", "file-damaged" },
        { "bomb", "zip" }, { "statement.cose cut", "file-damaged" }, { "zip with its record cut", "second-damaged" }, { "zip with its proof cut", "second-damaged" }, { "six receipts", "too-many" },
    };

    // The command line and /verify with the same receipts: the same words, and a code of its own for each.
    [Theory, MemberData(nameof(Names))]
    public async Task Verify_GenuineInAnyContainer_IsGenuineAndForWhom(string container)
    {
        await ExpectAsync(0, ReceiptOutcome.CheckWhose, Genuine, null);
        await ExpectAsync(0, ReceiptOutcome.ForThisDocument, Genuine, "UZB|AA1234567|1990-05-17");
        await ExpectAsync(4, ReceiptOutcome.ForAnotherDocument, Genuine, "UZB|AB7654321|1990-05-17");
        await ExpectAsync(1, ReceiptOutcome.NotGenuine, Altered, null);

        async Task ExpectAsync(int code, ReceiptOutcome outcome, ReceiptFile receipt, string? document)
        {
            var (gave, output, error) = await _command.RunAsync([.. Given(container, receipt), .. document is null ? [] : new[] { "--document", document }]);
            Assert.True(code == gave, $"{gave}: {output}{error}");
            Assert.StartsWith(ReportFacts.Heading(outcome, Texts.For("en")) + ".", output);
            Assert.Empty(error);
        }
    }

    [Theory, MemberData(nameof(NotRead))]
    public async Task Verify_WhatCannotBeRead_IsNoVerdict(string what, string why)
    {
        var t = Texts.For("en");
        var (code, output, error) = await _command.RunAsync(_command.Save("given", Unreadable(what, Genuine)));
        Assert.True(code == 3, $"{code}: {output}{error}");
        Assert.StartsWith($"Could not be read. {t[$"verify.unread.{why}", ("count", FoundReceipts.MaxReceipts)]}", output);
        Assert.DoesNotContain("genuine.\n", output.Replace(t["verify.unread.no-verdict"], "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(error);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    // The page, in each language, with what its own service signed.
    [Theory, EachDatabase]
    public async Task VerifyPage_EveryContainer_HasTheHeadingOfWhatIsSo(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var genuine = await VerifyPageTests.GiveAsync(service, worker);
        var altered = genuine with { Statement = [.. genuine.Statement[..^1], (byte)(genuine.Statement[^1] ^ 1)] };
        foreach (var (container, at) in Names.Select((row, i) => (row.Data, i)))
        {
            var lang = VerifyPageTests.Languages[at % 3];
            var another = new IdentityDocument("UZB", "AB7654321", worker.Document.BirthDate);
            await ExpectAsync(ReceiptOutcome.CheckWhose, genuine, null);
            await ExpectAsync(ReceiptOutcome.NotGenuine, altered, null);
            if (at % 5 != 0) continue;
            await ExpectAsync(ReceiptOutcome.ForThisDocument, genuine, worker.Document);
            await ExpectAsync(ReceiptOutcome.ForAnotherDocument, genuine, another);

            async Task ExpectAsync(ReceiptOutcome outcome, ReceiptFile receipt, IdentityDocument? document)
            {
                var page = await VerifyPageTests.PostAsync(service, Containers.Texts.GetValueOrDefault(container)?.Invoke(receipt), Containers.Files.GetValueOrDefault(container)?.Invoke(receipt), document, lang);
                VerifyPageTests.ExpectHeading(page, outcome, lang, container);
            }
        }

        foreach (var (what, why) in NotRead.Select(row => row.Data))
        {
            foreach (var lang in VerifyPageTests.Languages)
            {
                var page = await VerifyPageTests.PostAsync(service, null, Unreadable(what, genuine), null, lang);
                VerifyPageTests.ExpectHeading(page, ReceiptOutcome.Unread, lang, what);
                Assert.Contains(Texts.For(lang)[$"verify.unread.{why}", ("count", FoundReceipts.MaxReceipts)], page);
                Assert.Contains(Texts.For(lang)["verify.unread.no-verdict"], page);
                Assert.Contains("name=\"Text\"", page);
            }
        }
    }

    // What was cut can be made up for in one press: the signed part by itself.
    [Fact]
    public async Task VerifyPage_SecondTextCut_OffersTheSignedPartAlone()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var genuine = await VerifyPageTests.GiveAsync(service, await service.EnrolAsync());
        var page = await VerifyPageTests.PostAsync(service, Containers.Both(genuine)[..^3], null);
        VerifyPageTests.ExpectHeading(page, ReceiptOutcome.Unread, "en", page);
        Assert.Contains($"<input type=\"hidden\" name=\"Text\" value=\"{Containers.First(genuine)}\">", page);
        Assert.Contains(Texts.For("en")["verify.check-first"] + "</button>", page);
    }

    // A receipt and what replaced it, handed over together: in one letter, and as two folders of a zip.
    [Fact]
    public async Task Verify_ReceiptWithItsCorrection_SaysReplacedOfTheFirst()
    {
        var later = Of(Sample.Act with { Number = ReceiptNumber.Parse("04WK-H77AB-CDEG" + CheckSymbol("04WK-H77AB-CDEG")), Kind = StatementKind.Correction, Replaces = Sample.Number, Particulars = Sample.Act.Particulars.Add("corrects", "residence") });
        byte[] letter = Encoding.UTF8.GetBytes(Containers.Both(Genuine) + "\n\nand now\n\n" + Containers.Both(later));
        byte[] zip = Containers.Zip(System.IO.Compression.CompressionLevel.Fastest,
            [.. Containers.Parts(Genuine).Select(p => ("old/" + p.Name, p.Bytes)), .. Containers.Parts(later).Select(p => ("new/" + p.Name, p.Bytes))]);
        foreach (var given in new[] { letter, zip })
        {
            var (code, output, _) = await _command.RunAsync(_command.Save("given", given), "--document", "UZB|AA1234567|1990-05-17");
            Assert.Equal(5, code);
            Assert.StartsWith("Genuine, and replaced since.", output);
            Assert.Contains($"receipt {Statement.Decode(later.Statement).Content.Number}, which you gave together with it", output);
            Assert.Contains("\nGenuine, and for this document.", output);
            var (another, said, _) = await _command.RunAsync(_command.Save("given", given), "--document", "UZB|AB7654321|1990-05-17");
            Assert.Equal(4, another);
            Assert.DoesNotContain("replaced since", said);
        }
    }

    // Somebody who asks about a document is never told yes by an act that has none.
    [Fact]
    public async Task Verify_ActThatConcernsNobody_IsNoYesAboutADocument()
    {
        var outage = Of(Sample.Act with { Kind = StatementKind.Outage, Holder = null, Address = null, NextDeadline = null });
        var zip = _command.Save("receipt.zip", Containers.Files["zip as we make it"](outage));
        var (code, output, _) = await _command.RunAsync(zip, "--document", "UZB|AA1234567|1990-05-17");
        Assert.Equal(4, code);
        Assert.Contains(Texts.For("en")["verify.detail.nobody"], output);
        Assert.Equal(0, (await _command.RunAsync(zip)).Code);
    }

    [Theory]
    [InlineData("UTF-8")]
    [InlineData("UTF-16")]
    public async Task Verify_KeysWithAByteOrderMark_AreRead(string how)
    {
        var json = Encoding.UTF8.GetString(Sample.Keys().ToJson());
        Encoding encoding = how == "UTF-8" ? Encoding.UTF8 : Encoding.Unicode;
        var keys = _command.Save("marked.json", [.. encoding.Preamble, .. encoding.GetBytes(json)]);
        var (code, output, error) = await _command.RunWithKeysAsync(keys, Containers.First(Genuine));
        Assert.True(code == 0, output + error);
    }

    // However a genuine receipt is wrapped, it is never said not to be genuine: at worst it cannot be read.
    [Fact]
    public void Verify_AnyWrapping_IsNeverNotGenuine()
    {
        var wrappings =
            from width in Gen.Choose(20, 120)
            from end in Gen.Elements("\n", "\r\n", "\n> ", "=\n", "=\r\n", "\n>> ", " \n", "\n\n", "\t\n | ")
            from lost in Gen.Elements(true, false)
            from before in Gen.Elements("", "Hello ", "MNZ1: ", "\"", "> ", "HERE: ", "Вот расписка: ", "\uFEFF")
            from after in Gen.Elements("", "\"", " REGARDS, A 12", "\nЗдравствуйте", "...", " MNZ2: IS MISSING", "\n-- \nA", "0")
            from lower in Gen.Elements(true, false)
            from second in Gen.Elements(true, false)
            select before + Containers.Wrapped(Cased(second ? Containers.Both(Genuine) : Containers.First(Genuine), lower), width, end, lost) + after;
        var keys = Sample.Keys();
        Check.QuickThrowOnFailure(Prop.ForAll(wrappings.ToArbitrary(), text =>
        {
            var found = FoundReceipts.In(text, keys);
            Assert.Single(found.Receipts);
            Assert.Equal(Genuine.Statement, found.Receipts[0].Statement);
            if (found.Receipts[0].Second is { } read) Assert.Equal(Genuine.Record, read.Record);
            return true;
        }));
    }

    // One byte of the signed part changed, in any container: never genuine.
    [Fact]
    public void Verify_OneByteChangedInAnyContainer_IsNeverGenuine()
    {
        var changes =
            from at in Gen.Choose(0, Genuine.Statement.Length - 1)
            from mask in Gen.Choose(1, 255)
            from container in Gen.Elements(Containers.Texts.Keys.Concat(Containers.Files.Keys).ToArray())
            select (at, mask, container);
        Check.QuickThrowOnFailure(Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var bytes = Genuine.Statement.ToArray();
            bytes[change.at] ^= (byte)change.mask;
            var (code, output, _) = _command.RunAsync(Given(change.container, Genuine with { Statement = bytes })).GetAwaiter().GetResult();
            Assert.True(code is 1 or 3, $"{change}: {code} {output}");
            return true;
        }));
    }

    // Looking for a text in a hostile one ends: the search has a bound.
    [Fact]
    public void In_HostileText_Ends()
    {
        var first = Containers.First(Genuine);
        var keys = Sample.Keys();
        string[] hostile =
        [
            string.Concat(Enumerable.Repeat("MNZ1:RRQ ", 50_000)), string.Concat(Enumerable.Repeat("MNZ2:GGG", 50_000)),
            "MNZ1:" + string.Join("\n", first[5..80].ToCharArray()) + new string('\n', 100_000), "MNZ1:RRQ" + string.Join(' ', Enumerable.Repeat("0", 200_000)),
        ];
        foreach (var text in hostile) Assert.Empty(FoundReceipts.In(text, keys).Receipts);
    }

    public void Dispose() => _command.Dispose();

    static ReceiptFile Of(Manzil.Receipts.Record record)
    {
        var (statement, bytes, proof) = Sample.Receipt(record);
        return new(statement, bytes, proof);
    }

    static string Cased(string text, bool lower) => lower ? text.ToLowerInvariant() : text;

    // The symbol that makes a number of these symbols right.
    static char CheckSymbol(string symbols) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ".First(c => ReceiptNumber.TryParse(symbols + c, out _));

    string Given(string container, ReceiptFile receipt, string name) => _command.Save(name, Containers.Texts.TryGetValue(container, out var text) ? Encoding.UTF8.GetBytes(text(receipt)) : Containers.Files[container](receipt));

    string[] Given(string container, ReceiptFile receipt) => [Given(container, receipt, "given")];

    static byte[] Unreadable(string what, ReceiptFile receipt)
    {
        var (first, both) = (Containers.First(receipt), Containers.Both(receipt));
        byte[] zip = Containers.Files["zip as we make it"](receipt);
        return what switch
        {
            "cut by three" => Encoding.UTF8.GetBytes(first[..^3]),
            "cut in the middle" => Encoding.UTF8.GetBytes("Here it is: " + first[..200]),
            "the second cut by three" => Encoding.UTF8.GetBytes(both[..^3]),
            "a letter dropped" => Encoding.UTF8.GetBytes(first.Remove(50, 1)),
            "second only" => Encoding.UTF8.GetBytes(Containers.Second(receipt)),
            "prefix alone" => "MNZ1:"u8.ToArray(),
            "a letter without one" => "Dear Sir, I have lost it. Yours"u8.ToArray(),
            "PDF" => "%PDF-1.7\n%\u00e2\u00e3"u8.ToArray(),
            "README.md" => File.ReadAllBytes(Path.Combine(Sample.Repository(), "README.md")),
            "photo" => [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 1, 2, 3],
            "web page without one" => "<!DOCTYPE html>\n<html><p>Hello"u8.ToArray(),
            "keys" => Sample.Keys().ToJson(),
            "noise" => [1, 2, 3, 0xFE, 0x80],
            "empty zip" => Containers.Zip(System.IO.Compression.CompressionLevel.Fastest),
            "zip of something else" => Containers.Zip(System.IO.Compression.CompressionLevel.Fastest, ("photo.jpg", [1, 2, 3])),
            "zip cut" => zip[..^30],
            "bomb" => Containers.Zip(System.IO.Compression.CompressionLevel.SmallestSize, ("statement.cose", new byte[50_000_000])),
            "statement.cose cut" => receipt.Statement[..^3],
            "zip with its record cut" => Containers.Files["zip as we make it"](receipt with { Record = receipt.Record![..^1] }),
            "zip with its proof cut" => Containers.Files["zip as we make it"](receipt with { Proof = receipt.Proof![..^20] }),
            "six receipts" => Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(1, 6).Select(i => Containers.First(Of(Sample.Act with { Office = $"N-{i}" }))))),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
        };
    }
}
