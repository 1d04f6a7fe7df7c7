using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Register;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Record = Manzil.Receipts.Record;

namespace Manzil.Tests.Receipts;

public partial class VerifyPageTests
{
    internal static readonly string[] Languages = ["en", "ru", "kk"];

    [Theory, Databases.EachDatabase]
    public async Task Post_EveryFormOfAReceipt_StatesTheFactsAndLeavesNoTrace(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var receipt = await GiveAsync(service, worker);
        var first = QrText.FormatStatement(receipt.Statement);
        var second = QrText.FormatRecord(receipt.Record!, TlogProof.Parse(receipt.Proof!))!;
        var before = await DumpAsync(service);

        (string? Text, byte[]? File)[] whole =
        [
            (first + "\r\n" + second + "\r\n", null),
            ("  " + second + "\r\n" + first, null),
            (null, receipt.Write("<p>", "{}"u8, NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0))),
            (null, Encoding.UTF8.GetBytes(first + "\n" + second)),
        ];
        foreach (var (text, file) in whole)
        {
            foreach (var lang in Languages)
            {
                var t = Texts.For(lang);
                var page = await PostAsync(service, text, file, worker.Document, lang);
                Assert.Contains($"<html lang=\"{lang}\"", page);
                ExpectHeading(page, ReceiptOutcome.ForThisDocument, lang, text ?? "a file");
                Assert.Contains(t["kind.registration"], page);
                Assert.Contains(t["verify.record.matches"], page);
                Assert.Contains(t["verify.witnesses.none"], page);
                Assert.Contains(t["verify.log.holds", ("log", "localhost:8080/log"), ("index", 2), ("size", 2)], page);
            }
        }

        foreach (var (text, file) in new (string?, byte[]?)[] { (first, null), (null, receipt.Statement) })
        {
            var page = await PostAsync(service, text, file);
            ExpectHeading(page, ReceiptOutcome.CheckWhose, "en", text ?? "a file");
            // Nothing that was not asked or given is spoken of.
            foreach (var lang in Languages)
            {
                var rows = OutcomeViewTests.RowsOf(await PostAsync(service, text, file, lang: lang));
                Assert.True(rows.Count >= 6, $"{rows.Count} rows");
                Assert.All(rows, row => Assert.DoesNotMatch(OutcomeViewTests.NotSaid(), row));
                foreach (var label in new[] { "verify.log", "verify.record", "receipt.document" }) Assert.DoesNotContain(rows, row => row.StartsWith(Texts.For(lang)[label] + ":", StringComparison.Ordinal));
            }
        }

        var another = await PostAsync(service, first, null, new IdentityDocument("UZB", "AB7654321", worker.Document.BirthDate));
        ExpectHeading(another, ReceiptOutcome.ForAnotherDocument, "en", first);
        Assert.Equal(before, await DumpAsync(service));
    }

    // Decision 50: the page tells of a later receipt only where that was handed over too, and says of what day each speaks.
    [Theory, Databases.EachDatabase]
    public async Task Post_ReceiptThatWasCorrected_SaysNothingThatTheHolderDidNotShow(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var worker = await service.EnrolAsync();
        var token = await service.SignInAsync(worker);
        await GiveAsync(service, worker, token: token);
        var told = await GiveAsync(service, worker, """{"kind": "residence", "from": "2026-11-01", "address": {"locality": "Osmira", "street": "Station Street", "building": "14"}}""", token);
        var before = await PostAsync(service, null, Zip(told), worker.Document);
        service.Clock.Advance(NodaTime.Duration.FromHours(1));
        var number = Statement.Decode(told.Statement).Content.Number;
        var corrected = await GiveAsync(service, worker, $$$"""{"kind": "correction", "replaces": "{{{number}}}", "from": "2026-11-01", "address": {"locality": "Osmira", "street": "Station Street", "building": "41"}}""", token);
        foreach (var lang in Languages)
        {
            var page = await PostAsync(service, null, Zip(told), worker.Document, lang);
            ExpectHeading(page, ReceiptOutcome.ForThisDocument, lang, "corrected");
            Assert.Contains(Texts.For(lang)["verify.told-then", ("date", Dates.InWords(Statement.Decode(told.Statement).Content.IssuedAt.InZone(service.Core.Rules.Zone).Date, lang))], page);
            Assert.DoesNotContain(Statement.Decode(corrected.Statement).Content.Number.ToString(), page);

            var both = await PostAsync(service, Containers.Both(told) + "\n" + Containers.Both(corrected), null, worker.Document, lang);
            ExpectHeading(both, ReceiptOutcome.Replaced, lang, "both");
            Assert.Contains(Texts.For(lang)["verify.detail.replaced", ("number", Statement.Decode(corrected.Statement).Content.Number.ToString())], both);
            Assert.Contains(ReportFacts.Heading(ReceiptOutcome.ForThisDocument, Texts.For(lang)) + "</h2>", both);
        }

        Assert.Equal(before, await PostAsync(service, null, Zip(told), worker.Document));

        static byte[] Zip(ReceiptFile receipt) => receipt.Write("<p>", "{}"u8, Sample.IssuedAt);
    }

    [Fact]
    public async Task Post_ChangedReceipt_SaysWhatDoesNotFit()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var receipt = await GiveAsync(service, await service.EnrolAsync());
        var t = Texts.For("en");
        byte[] Flipped(byte[] bytes)
        {
            var copy = bytes.ToArray();
            copy[^1] ^= 1;
            return copy;
        }

        using var stranger = StatementSigner.Generate();
        (ReceiptFile File, ReceiptProblem Problem)[] changed =
        [
            (receipt with { Statement = Flipped(receipt.Statement) }, ReceiptProblem.SignatureWrong),
            (receipt with { Record = Record.Decode(receipt.Record!) is var record ? (record with { Reason = "Another." }).Encode() : [] }, ReceiptProblem.RecordOfAnotherStatement),
            (receipt with { Proof = receipt.Proof!.Replace("index 1", "index 0", StringComparison.Ordinal) }, ReceiptProblem.NotInLog),
            (receipt with { Statement = stranger.Sign(Statement.Decode(receipt.Statement).Content), Proof = null }, ReceiptProblem.UnknownKey),
        ];
        foreach (var (file, problem) in changed)
        {
            // The zip's own keys are the stranger's: they must not count.
            var page = await PostAsync(service, null, file.Write("<p>", Sample.Keys().ToJson(), Sample.IssuedAt));
            ExpectHeading(page, ReceiptOutcome.NotGenuine, "en", problem.ToString());
            var report = new VerificationReport
            {
                CheckedAt = default,
                Problems = [problem],
                RecordFinding = default,
                Document = default,
                Proof = default,
                Witnesses = [],
                UnknownSigners = [],
            };
            Assert.Contains(ReportFacts.Problems(report, t).Single(), page);
            Assert.DoesNotContain(t["receipt.name"] + "</dt>", page);
        }
    }

    [Theory]
    [InlineData("", null, "nothing")]
    [InlineData("   ", null, "nothing")]
    [InlineData("MNZ1:ABC", "x", "both")]
    public async Task Post_NothingOrTooMuch_IsAnErrorBesideTheField(string? text, string? file, string error)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        foreach (var lang in Languages)
        {
            var page = await PostAsync(service, text, file is null ? null : Encoding.UTF8.GetBytes(file), null, lang);
            Assert.Contains(Texts.For(lang)[$"verify.error.{error}"] + "</p>", page);
            Assert.Contains("govuk-error-summary", page);
        }
    }

    [Theory]
    [InlineData("hello", null, "other")]
    [InlineData("MNZ2:ABC", null, "second-only")]
    [InlineData("MNZ1:%%%", null, "text-damaged")]
    [InlineData("MNZ1:abc", null, "text-damaged")]
    [InlineData("MNZ1:ABC\nMNZ2:ABC", null, "text-damaged")]
    [InlineData(null, "not a receipt", "other")]
    [InlineData(null, "PK\u0003\u0004junk", "file-damaged")]
    [InlineData(null, "MNZ2:ABC", "second-only")]
    [InlineData(null, "MNZ1:%%%", "text-damaged")]
    public async Task Post_WhatCannotBeRead_IsSaidUnderItsOwnHeading(string? text, string? file, string why)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        foreach (var lang in Languages)
        {
            var page = await PostAsync(service, text, file is null ? null : Encoding.UTF8.GetBytes(file), null, lang);
            ExpectHeading(page, ReceiptOutcome.Unread, lang, why);
            Assert.Contains(Texts.For(lang)[$"verify.unread.{why}"] + "</p>", page);
            if (text is not null) Assert.Contains(text + "</textarea>", page.Replace("\r\n", "\n", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(ReceiptFile.MaxBytes + 1)]
    [InlineData(6 * 1024 * 1024)]
    public async Task Post_TooLargeFile_IsSaidInWords(int length)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var page = await PostAsync(service, null, new byte[length]);
        ExpectHeading(page, ReceiptOutcome.Unread, "en", "too large");
        Assert.Contains(Texts.For("en")["verify.unread.too-large"] + "</p>", page);
    }

    [Fact]
    public async Task Post_HalfADocument_KeepsWhatWasTypedAndNamesTheRest()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("MNZ1:ABC"), "Text" }, { new StringContent("UZ1"), "State" }, { new StringContent("<b>"), "Number" }, { new StringContent("31"), "BirthDate.Day" },
        };
        using var answer = await service.Client.PostAsync("/verify", form, TestContext.Current.CancellationToken);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var field in new[] { "verify.error.state", "verify.error.number", "date.birth-month-missing" }) Assert.Contains(Texts.For("en")[field] + "</p>", page);
        Assert.Contains("MNZ1:ABC</textarea>", page);
        Assert.Contains("value=\"UZ1\"", page);
        Assert.Contains("value=\"31\"", page);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "%ff=%zz&&&===")]
    [InlineData("multipart/form-data; boundary=x", "junk")]
    [InlineData("multipart/form-data", "junk")]
    [InlineData("application/json", "{}")]
    public async Task Post_MalformedForm_IsAnErrorInWords(string contentType, string body)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var answer = await service.Client.PostAsync("/verify", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("govuk-error-summary", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_Page_SetsNoCookieAndAsksForNoToken()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        using var answer = await service.Client.GetAsync("/verify", TestContext.Current.CancellationToken);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.DoesNotContain("__RequestVerificationToken", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Texts_EveryFindingInEveryLanguage_AreFactsAndNeverAVerdict()
    {
        foreach (var lang in Languages)
        {
            var t = Texts.For(lang);
            foreach (var problem in Enum.GetValues<ReceiptProblem>())
            {
                foreach (var document in Enum.GetValues<DocumentFinding>())
                {
                    var report = new VerificationReport
                    {
                        CheckedAt = Sample.Now,
                        Problems = [problem],
                        Statement = Sample.Content(Sample.Act),
                        Document = document,
                        RecordFinding = (RecordFinding)((int)document % 3),
                        Proof = (ProofFinding)((int)document % 3 == 1 ? 2 : 0),
                        Witnesses = [],
                        UnknownSigners = [],
                    };
                    string[] said = [.. ReportFacts.Problems(report, t), .. ReportFacts.OfStatement(report, Layout.LayoutHost.Demo, t).Select(f => f.Value),
                        .. ReportFacts.OfProof(report, Layout.LayoutHost.Demo, t).Select(f => f.Value)];
                    Assert.All(said, sentence => Assert.DoesNotMatch(Verdict(), sentence));
                }
            }

            Assert.All(StatementKinds.All, statement => Assert.True(t.Has($"kind.{statement.Name()}")));
        }
    }

    internal static async Task<ReceiptFile> GiveAsync(TestService service, TestWorker worker, string notice = """{"kind": "registration"}""", string? token = null)
    {
        using var answer = await service.PostNoticeAsync(token ?? await service.SignInAsync(worker), notice);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        byte[] Bytes(string name) => System.Buffers.Text.Base64Url.DecodeFromChars(json.GetProperty(name).GetString());
        return new ReceiptFile(Bytes("statement"), Bytes("record"), json.GetProperty("proof").GetString());
    }

    internal static async Task<string> PostAsync(TestService service, string? text, byte[]? file, IdentityDocument? document = null, string lang = "en")
    {
        using var form = new MultipartFormDataContent { { new StringContent(text ?? ""), "Text" } };
        if (file is not null) form.Add(new ByteArrayContent(file), "File", "receipt");
        if (document is not null)
        {
            form.Add(new StringContent(document.State.ToLowerInvariant()), "State");
            form.Add(new StringContent(document.Number.Insert(2, " ")), "Number");
            form.Add(new StringContent($"{document.BirthDate.Day}"), "BirthDate.Day");
            form.Add(new StringContent($"{document.BirthDate.Month}"), "BirthDate.Month");
            form.Add(new StringContent($"{document.BirthDate.Year}"), "BirthDate.Year");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/verify") { Content = form };
        request.Headers.Add("Cookie", "lang=" + lang);
        using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Exactly one of the six headings, as the page's own, with the look that is its alone.</summary>
    internal static void ExpectHeading(string page, ReceiptOutcome outcome, string lang, string what)
    {
        var shown = TemplatesOf().Replace(page, "");
        var headings = Enum.GetValues<ReceiptOutcome>().Where(one => shown.Contains(ReportFacts.Heading(one, Texts.For(lang)) + "</h1>", StringComparison.Ordinal)).ToList();
        Assert.True(headings is [var only] && only == outcome, $"{what}, {lang}: {string.Join(", ", headings)} and not {outcome}");
        Assert.Contains($"manzil-outcome--{new OutcomeView(outcome, "").Look}\"", shown);
        Assert.Contains($"<title>{ReportFacts.Heading(outcome, Texts.For(lang))}", page);
    }

    [GeneratedRegex("<template.*?</template>", RegexOptions.Singleline, 5000)]
    private static partial Regex TemplatesOf();

    static async Task<string> DumpAsync(TestService service)
    {
        await using var connection = await service.Core.Database.OpenAsync();
        var tables = await connection.QueryAsync<string>(service.Core.Database.Kind == Manzil.Register.DatabaseKind.Sqlite
            ? "select name from sqlite_master where type = 'table' order by name"
            : "select table_name from information_schema.tables where table_schema = 'public' order by table_name");
        var dump = new StringBuilder();
        foreach (var table in tables)
        {
            dump.AppendLine(table);
            var rows = await connection.QueryAsync($"select * from {table}");
            var lines = rows.Select(row => string.Join('|', ((IDictionary<string, object?>)row).Values.Select(v => v is byte[] b ? Convert.ToHexString(b) : $"{v}")));
            dump.AppendJoin('\n', lines.Order(StringComparer.Ordinal)).AppendLine();
        }

        Assert.Contains("FC0000001", dump.ToString());
        return dump.ToString();
    }

    [GeneratedRegex("refuse|reject|deny|must not|откаж|отказ|не принима|бас тарт|қабылдама", RegexOptions.IgnoreCase, 5000)]
    private static partial Regex Verdict();
}
