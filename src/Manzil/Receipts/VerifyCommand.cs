using System.CommandLine;
using Manzil.Outgoing;
using Manzil.Receipts;
using Manzil.Typing;
using NodaTime;

namespace Manzil;

/// <summary><c>manzil receipt verify</c>: offline, but for a key set that is given as a URL.</summary>
public static class VerifyCommand
{
    // docs/receipts.md has them, and scripts rely on them.
    const int Genuine = 0;
    const int NotGenuine = 1;
    const int WrongUsage = 2;
    const int Unread = 3;
    const int ForAnotherDocument = 4;
    const int Replaced = 5;
    static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var file = new Argument<string>("FILE-OR-TEXT")
        {
            Description = "A receipt's zip, a statement.cose, the text of its QR code (MNZ1:…), or any file with that text in it.",
        };
        var proof = new Option<string?>("--proof") { HelpName = "FILE", Description = "The proof: a .tlog-proof file, or the second QR code's text (MNZ2:…)." };
        var record = new Option<string?>("--record") { HelpName = "FILE", Description = "The record: a record.cbor, or the second QR code's text (MNZ2:…)." };
        var document = new TypedOption("--document", TextKind.Number) { HelpName = "DOCUMENT", Description = "Ask whether it was issued for this document: \"UZB|AA1234567|1990-05-17\", with XX for a day or month that the document does not show." };
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
            return Say(error, "The document must be given as STATE|NUMBER|YYYY-MM-DD, such as UZB|AA1234567|1990-05-17, or UZB|AA1234567|1990-XX-XX where it shows no day or month.", WrongUsage);
        }
        KeySet keys;
        IReadOnlyList<GivenReceipt> given;
        try
        {
            keys = await ReadKeysAsync(keysSource, error, cancellation);
            given = GivenReceipt.Read(input, recordFile, proofFile, keys);
        }
        catch (UsageException wrong)
        {
            return Say(error, wrong.Message, WrongUsage);
        }
        catch (UnreadException unread)
        {
            return Say(output, ReportText.Of(unread), Unread);
        }
        var reports = VerificationReport.Together([.. given.Select(receipt => ReceiptVerifier.Verify(
            receipt.Statement, receipt.Record, receipt.Proof, document, keys, CommandLine.Clock.GetCurrentInstant()))]);
        for (var i = 0; i < reports.Count; i++)
        {
            if (i > 0) output.WriteLine();
            foreach (var line in reports[i].Outcome == ReceiptOutcome.Unread ? [ReportText.Of(GivenReceipt.UnreadOf(reports[i], given[i]))] : ReportText.Lines(reports[i])) output.WriteLine(line);
        }
        // Of several the gravest: what is not genuine, then what could not be read.
        var codes = reports.Select(CodeOf).ToHashSet();
        return Array.Find([NotGenuine, Unread, ForAnotherDocument, Replaced], codes.Contains);
    }

    static int CodeOf(VerificationReport report) => report.Outcome switch
    {
        ReceiptOutcome.NotGenuine => NotGenuine,
        ReceiptOutcome.Unread => Unread,
        ReceiptOutcome.ForAnotherDocument => ForAnotherDocument,
        // Whoever asks about a document is not told yes by an act that has none.
        ReceiptOutcome.CheckWhose when report.Document == DocumentFinding.ConcernsNobody => ForAnotherDocument,
        ReceiptOutcome.Replaced => Replaced,
        _ => Genuine,
    };

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
