using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Bench;

/// <summary>
/// What accepting one residence notice costs by part, processor µs each: the parts that run on the request's thread, each
/// alone in a loop, and HTTP alone as a server that reads a notice's bytes and answers with as many as a receipt has.
/// What the database, the batch and the threads cost is the rest of what <c>bench/run write</c> prints for server and PostgreSQL.
/// </summary>
static class PartsBench
{
    const int Connections = 64;
    const string Origin = "bench.example/log";
    static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    public static int Run(string rulesFile)
    {
        var rules = Jurisdiction.Load(rulesFile);
        var now = SystemClock.Instance.GetCurrentInstant();
        var today = rules.DateOf(now);
        var telling = new Telling(rules, new Uri("https://manzil.example"), shownAtOnce: false);
        var stretched = RandomNumberGenerator.GetBytes(32);
        var worker = Worker(1, today, stretched);
        var body = Encoding.UTF8.GetBytes(Bodies.Residence(today));
        using var signer = StatementSigner.Generate();
        using var log = NoteSigner.Generate(Origin);

        var notice = NoticeJson.Parse(body, [])!;
        GiveNotice Act() => new(notice, null, rules, telling) { ReceivedAt = now, Channel = RecordChannel.Api, WorkerId = 1, IdempotencyKey = IdempotencyKey.OfWorker(1, RecordChannel.Api, "0"), ContentHash = [] };
        var decision = Act().Decide(worker);
        var issuedAt = Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var (number, salt) = (ReceiptNumber.New(now), RandomNumberGenerator.GetBytes(16));
        byte[] Record() => new Record
        {
            Number = number,
            Kind = decision.Kind,
            IssuedAt = issuedAt,
            EffectiveFrom = decision.EffectiveFrom,
            NextDeadline = decision.NextDeadline,
            Office = decision.Office,
            Channel = RecordChannel.Api,
            Holder = new RecordHolder(worker.Name, worker.Document!),
            Address = decision.Address,
        }.Encode();
        var record = Record();
        StatementContent Content() => new()
        {
            Issuer = "http://bench.example",
            Number = number,
            IssuedAt = issuedAt,
            Salt = salt,
            Kind = decision.Kind,
            RecordDigest = Receipts.Record.Digest(salt, record),
            HolderCheck = IdentityDocument.Check(stretched, salt),
            Office = decision.Office,
            EffectiveFrom = decision.EffectiveFrom,
            NextDeadline = decision.NextDeadline,
        };
        var content = Content();
        var statement = signer.Sign(content);
        var entries = Enumerable.Range(0, 100).Select(i => SHA256.HashData(BitConverter.GetBytes(i))).ToList();
        var frontier = VerifyBench.LargeLog();
        var appended = frontier.Append(entries.ConvertAll(e => MerkleTree.HashLeaf(e)));
        var checkpoint = log.Sign(new Checkpoint(Origin, appended.Size, appended.Root).Format());
        string Proof() => new TlogProof { Index = appended.FirstIndex + 50, Hashes = appended.Proof(50), CheckpointText = checkpoint }.Format();
        var accepted = new ActResult.Accepted(number, decision.Kind, statement, record, Proof(), decision.NextDeadline, false);
        var answer = NoticeApi.ReceiptJson(accepted).Length;
        using var bare = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = RandomNumberGenerator.GetBytes(32);
        var token = Base64Url.EncodeToString(secret);

        var es256 = Measure(() => bare.SignHash(secret)).Microseconds;
        Console.WriteLine($"bare ES256 signature: {es256:0.0} µs; every line below also as a multiple of it");
        Print("HTTP: a notice read, a receipt's bytes answered", (Http(body, answer).Server, double.NaN), es256);
        Print("token decoded and hashed", Measure(() => SHA256.HashData(Base64Url.DecodeFromChars(token))), es256);
        Print("notice parsed and its content hashed", Measure(() => NoticeJson.Parse(body, [])!.ContentHash()), es256);
        Print("decided by the rules, messages worded", Measure(() => Act().Decide(worker)), es256);
        Print("receipt number and salt drawn", Measure(() => (ReceiptNumber.New(now), RandomNumberGenerator.GetBytes(16))), es256);
        Print("record encoded", Measure(Record), es256);
        Print("record digest and holder check", Measure(Content), es256);
        Print("statement encoded and signed", Measure(() => signer.Sign(content)), es256);
        var batchOf100 = Measure(() =>
        {
            var batch = frontier.Append(entries.ConvertAll(e => MerkleTree.HashLeaf(SHA256.HashData(e))));
            return log.Sign(new Checkpoint(Origin, batch.Size, batch.Root).Format());
        });
        Print("a batch of 100 hashed, appended, its checkpoint signed; each", (batchOf100.Microseconds / 100, batchOf100.Bytes / 100), es256);
        Print("inclusion proof written", Measure(Proof), es256);
        Print("answer written as JSON", Measure(() => NoticeApi.ReceiptJson(accepted).Length), es256);
        return 0;
    }

    /// <summary>A registered worker as the write path knows them.</summary>
    public static Worker Worker(long id, LocalDate today, byte[]? stretched = null) => new(
        id, "BN0000001", "Aziz Rahimov", "en", "NRV-01", new IdentityDocument("UZB", "AA1234567", new LocalDate(1990, 5, 17)), stretched,
        [new Channel(1, "sms", "+70000001000")],
        new RegisterEntry { Standing = Standing.Registered, Office = "NRV-01", RegisteredOn = today, ResidenceNumber = "0000-00000-00000", ResidenceFrom = today, LastTold = today });

    static void Print(string what, (double Microseconds, double Bytes) part, double es256) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {part.Microseconds:0.0} µs ({part.Microseconds / es256:0.00}), {part.Bytes:0} bytes allocated"));

    // Processor time, the collector's too, and the best of five turns: what others took from the machine meanwhile is not this part's cost.
    static (double Microseconds, double Bytes) Measure(Func<object> part)
    {
        var (best, bytes) = (double.MaxValue, 0.0);
        for (var turn = 0; turn < 6; turn++)
        {
            var (clock, used, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
            var count = 0;
            for (; clock.Elapsed < Turn / 5; count += 20)
            {
                for (var i = 0; i < 20; i++) GC.KeepAlive(part());
            }

            // The first turn is for the compiler.
            if (turn == 0) continue;
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - used).TotalMicroseconds / count);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;
        }

        return (best, bytes);
    }

    static (double Microseconds, double Bytes) Measure<T>(Func<T> part) where T : struct => Measure(() => (object)part());

    /// <returns>Processor µs a request of Kestrel alone, and of the generator.</returns>
    public static (double Server, double Generator) Http(byte[] body, int answer)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(PartsBench).Assembly.Location, "bare", answer.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        try
        {
            var load = new Load(IPEndPoint.Parse(process.StandardOutput.ReadLine()!), [new string('x', 43)], [Encoding.UTF8.GetString(body)]);
            load.Run(Connections, TimeSpan.FromSeconds(4));
            var (before, own) = (ProcessorTime.Of(process.Id), ProcessorTime.Of(Environment.ProcessId));
            var result = load.Run(Connections, TimeSpan.FromSeconds(4));
            double Each(double seconds) => seconds * 1e6 / result.Accepted;
            return (Each(ProcessorTime.Of(process.Id) - before), Each(ProcessorTime.Of(Environment.ProcessId) - own));
        }
        finally
        {
            process.Kill();
        }
    }
}
