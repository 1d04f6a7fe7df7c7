using System.CommandLine;
using Manzil.Outgoing;
using Manzil.Receipts;
using NodaTime;

namespace Manzil;

/// <summary><c>manzil receipt verify</c>: offline, but for a key set that is given as a URL.</summary>
public static class VerifyCommand
{
    const int Valid = 0;
    const int NotValid = 1;
    const int WrongUsage = 2;
    static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var file = new Argument<string>("FILE-OR-TEXT")
        {
            Description = "A receipt's zip, a statement.cose, the text of its QR code (MNZ1:…), or a file with that text.",
        };
        var proof = new Option<string?>("--proof") { HelpName = "FILE", Description = "The proof: a .tlog-proof file, or the second QR code's text (MNZ2:…)." };
        var record = new Option<string?>("--record") { HelpName = "FILE", Description = "The record: a record.cbor, or the second QR code's text (MNZ2:…)." };
        var document = new Option<string?>("--document") { HelpName = "DOCUMENT", Description = "Ask whether it was issued for this document: \"UZB|AA1234567|1990-05-17\"." };
        var keys = new Option<string>("--keys")
        {
            HelpName = "FILE-OR-URL",
            Description = "The issuer's keys.json: a file or a URL. Keys inside a receipt are never used.",
            Required = true,
        };
        var verify = new Command("verify", "Say what a receipt proves.") { file, proof, record, document, keys };
        verify.SetAction(async (arguments, cancellation) => await RunAsync(
            arguments.GetRequiredValue(file), arguments.GetValue(record), arguments.GetValue(proof), arguments.GetValue(document),
            arguments.GetRequiredValue(keys), arguments.InvocationConfiguration.Output, arguments.InvocationConfiguration.Error, cancellation));
        return new Command("receipt", "Check a receipt.") { verify };
    }

    static async Task<int> RunAsync(string input, string? recordFile, string? proofFile, string? documentText, string keysSource,
        TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        IdentityDocument? document = null;
        if (documentText is not null && !IdentityDocument.TryParse(documentText, out document))
        {
            return Say(error, "The document must be given as STATE|NUMBER|YYYY-MM-DD, such as UZB|AA1234567|1990-05-17.", WrongUsage);
        }
        KeySet keys;
        GivenReceipt given;
        try
        {
            keys = await ReadKeysAsync(keysSource, error, cancellation);
            given = GivenReceipt.Read(input, recordFile, proofFile);
        }
        catch (UsageException wrong)
        {
            return Say(error, wrong.Message, WrongUsage);
        }
        catch (ReceiptFormatException wrong)
        {
            return Say(output, "The receipt is not valid. " + wrong.Message, NotValid);
        }
        var report = ReceiptVerifier.Verify(
            given.Statement, given.Record, given.Proof, document, keys, CommandLine.Clock.GetCurrentInstant());
        foreach (var line in ReportText.Lines(report))
        {
            output.WriteLine(line);
        }
        return report.IsValid && report.Document != DocumentFinding.AnotherDocument ? Valid : NotValid;
    }

    internal static async Task<KeySet> ReadKeysAsync(string source, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            if (!Uri.TryCreate(source, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                return KeySet.Parse(GivenReceipt.ReadFile(source, KeySet.MaxBytes), Instant.FromDateTimeUtc(File.GetLastWriteTimeUtc(source)));
            }
            if (url.Scheme == "http" && !url.IsLoopback)
            {
                error.WriteLine("The keys come over plain HTTP, where anyone on the way can replace them.");
            }
            using var client = new OutgoingGate(Destination.OfKeys(url)).Http(FetchTimeout, KeySet.MaxBytes);
            return KeySet.Parse(await client.GetByteArrayAsync(url, cancellation), CommandLine.Clock.GetCurrentInstant());
        }
        catch (ReceiptFormatException wrong)
        {
            throw new UsageException("The keys cannot be used: " + wrong.Message);
        }
        catch (Exception wrong) when (wrong is HttpRequestException or TaskCanceledException)
        {
            throw new UsageException($"The keys could not be fetched from {source}.");
        }
    }

    static int Say(TextWriter writer, string sentence, int exitCode)
    {
        writer.WriteLine(sentence);
        return exitCode;
    }
}
