using System.CommandLine;
using Manzil.Receipts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Manzil.Tests.Receipts;

public sealed class VerifyCommandTests : IDisposable
{
    static readonly (byte[] Statement, byte[] Record, string Proof) Whole = Sample.Receipt();
    readonly string folder = Directory.CreateTempSubdirectory("manzil-verify-").FullName;

    [Fact]
    public async Task Verify_EveryFormOfAReceipt_SaysItIsValid()
    {
        var keys = Save("keys.json", Sample.Keys().ToJson());
        var zip = Save("receipt.zip", new ReceiptFile(Whole.Statement, Whole.Record, Whole.Proof).Write("<p>", [], Sample.IssuedAt));
        var cose = Save("statement.cose", Whole.Statement);
        var first = QrText.FormatStatement(Whole.Statement);
        var second = QrText.FormatRecord(Whole.Record, TlogProof.Parse(Whole.Proof))!;
        var sheet = Save("sheet.txt", System.Text.Encoding.UTF8.GetBytes(first + "\r\n" + second + "\n"));
        var record = Save("record.cbor", Whole.Record);
        var proof = Save("proof.tlog-proof", System.Text.Encoding.UTF8.GetBytes(Whole.Proof));

        string[][] whole = [[zip], [sheet], [cose, "--record", record, "--proof", proof], [first, "--record", second, "--proof", second]];
        foreach (var arguments in whole)
        {
            var (code, output, error) = await Run([.. arguments, "--keys", keys, "--document", "uzb|AA 1234567|1990-05-17"]);
            Assert.True(code == 0, output + error);
            Assert.StartsWith("Genuine, and for this document.", output);
            Assert.Contains("Issued by: https://manzil.example", output);
            Assert.Contains("\nCentre: ", output);
            Assert.Contains("Kind of act: residence", output);
            Assert.Contains("Issued at: 1 March 2026, 09:30:15 UTC", output);
            Assert.Contains("Next deadline: 30 May 2026", output);
            Assert.Contains("Record: it is the one", output);
            Assert.Contains("entry 3 of the log manzil.example/log, in a tree of 7.", output);
            Assert.Contains("witness.example/w1 on 1 March 2026, 09:31:00 UTC", output);
            Assert.Empty(error);
        }
        foreach (var alone in new[] { cose, first })
        {
            var (code, output, _) = await Run([alone, "--keys", keys]);
            Assert.Equal(0, code);
            Assert.StartsWith("Genuine: check whose it is.", output);
            // What was not given and not asked is not spoken of.
            foreach (var label in new[] { "Document:", "Record:", "Log:" }) Assert.DoesNotContain(label, output);
            Assert.DoesNotMatch(OutcomeViewTests.NotSaid(), output);
        }
    }

    [Fact]
    public async Task Verify_UnwitnessedProof_SaysSo()
    {
        var zip = Save("receipt.zip", new ReceiptFile(Whole.Statement, Whole.Record, Sample.Prove(Whole.Statement).Format()).Write("<p>", [], Sample.IssuedAt));
        var (code, output, _) = await Run([zip, "--keys", Save("keys.json", Sample.Keys().ToJson())]);
        Assert.Equal(0, code);
        Assert.Contains("not yet witnessed", output);
    }

    [Fact]
    public async Task Verify_KeysFromUrl_AreFetched()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var issuer = builder.Build();
        issuer.Run(context => context.Response.Body.WriteAsync(Sample.Keys().ToJson()).AsTask());
        await issuer.StartAsync(TestContext.Current.CancellationToken);
        var (code, output, error) = await Run([QrText.FormatStatement(Whole.Statement), "--keys", issuer.Urls.Single() + "/keys.json"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Age of the key set: 0 minutes.", output);
    }

    [Fact]
    public async Task Verify_KeysOnlyInsideTheReceipt_AreNotUsed()
    {
        using var forger = Sample.Signer("manzil-test-key-2");
        var forged = forger.Sign(Sample.Content(Sample.Act));
        var own = Sample.Keys(new(forger.PublicKey, Sample.KeysFrom)).ToJson();
        var zip = Save("forged.zip", new ReceiptFile(forged, Whole.Record, Sample.Prove(forged).Format()).Write("<p>", own, Sample.IssuedAt));
        var (code, output, _) = await Run([zip, "--keys", Save("keys.json", Sample.Keys().ToJson())]);
        Assert.Equal(1, code);
        Assert.Contains("it names a key that the key set does not have", output);
    }

    [Theory]
    [InlineData("UZB|AB7654321|1990-05-17", "issued for another document than the one that you gave, possibly one that has since been renewed")]
    public async Task Verify_AnotherDocument_AnswersNo(string document, string says)
    {
        var (code, output, _) = await Run([QrText.FormatStatement(Whole.Statement), "--keys", Save("keys.json", Sample.Keys().ToJson()), "--document", document]);
        Assert.Equal(4, code);
        Assert.Contains(says, output);
        Assert.DoesNotContain("refuse", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Verify_AlteredReceipt_AnswersNotGenuine()
    {
        var keys = Save("keys.json", Sample.Keys().ToJson());
        var altered = Whole.Statement.ToArray();
        altered[^1] ^= 1;
        var (code, output, error) = await Run([QrText.FormatStatement(altered), "--keys", keys]);
        Assert.Equal(1, code);
        Assert.StartsWith("Not genuine.\nProblem: the signature does not hold.", output);
        Assert.Empty(error);
    }

    [Fact]
    public async Task Verify_MalformedReceipt_AnswersThatItCouldNotBeRead()
    {
        var keys = Save("keys.json", Sample.Keys().ToJson());
        var cose = Save("statement.cose", Whole.Statement);
        string[][] wrong =
        [
            ["MNZ1:"], ["MNZ1:abc"], [Save("empty", [])], [Save("noise", [1, 2, 3])], [Save("broken.zip", "PK\u0003\u0004"u8.ToArray())],
            [QrText.FormatRecord(Whole.Record, TlogProof.Parse(Whole.Proof))!], [cose, "--record", Save("noise", [1, 2, 3])], [cose, "--proof", Save("noise", [1, 2, 3, 0xFF])], [cose, "--record", "MNZ2:ABC"],
        ];
        foreach (var arguments in wrong)
        {
            var (code, output, error) = await Run([.. arguments, "--keys", keys]);
            Assert.Equal(3, code);
            Assert.StartsWith("Could not be read. ", output);
            Assert.Empty(error);
        }
    }

    [Fact]
    public async Task Verify_WrongUsage_AnswersWithOneSentence()
    {
        var keys = Save("keys.json", Sample.Keys().ToJson());
        var cose = Save("statement.cose", Whole.Statement);
        string[][] wrong =
        [
            [Path.Combine(folder, "absent"), "--keys", keys],
            [cose, "--keys", Path.Combine(folder, "absent")],
            [cose, "--keys", cose],
            [cose, "--keys", keys, "--document", "AA1234567"],
            [cose, "--keys", keys, "--proof", Path.Combine(folder, "absent")],
            [cose, "--keys", "http://127.0.0.1:1/keys.json"],
        ];
        foreach (var arguments in wrong)
        {
            var (code, output, error) = await Run(arguments);
            Assert.Equal(2, code);
            Assert.Empty(output);
            Assert.EndsWith(".", error.TrimEnd());
            Assert.Single(error.TrimEnd().Split('\n'));
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static async Task<(int Code, string Output, string Error)> Run(string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var root = new RootCommand { VerifyCommand.Create() };
        var code = await root.Parse(["receipt", "verify", .. arguments])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    string Save(string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
