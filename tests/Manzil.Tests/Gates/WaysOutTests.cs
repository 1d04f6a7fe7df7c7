using System.Text;

namespace Manzil.Tests.Gates;

/// <summary>
/// Rules 5, 6, 8 and 10 of privacy.md, closed by construction: what the compiled program does with sockets, files, the console, other
/// processes, reflection, clocks, the log, the database's driver and an issuing state is held to a list, gates.txt beside this file.
/// Whatever is not on it fails, however it is written.
/// </summary>
public class WaysOutTests
{
    const string List = "tests/Manzil.Tests/Gates/gates.txt";

    static readonly string[] harmless =
    [
        "System.Net.HttpStatusCode.", "System.Net.IPAddress.", "System.Net.WebUtility.", "System.Net.Mail.MailAddress.", "System.Net.Http.HttpRequestException.get_",
        "System.Net.Sockets.SocketException.get_",
        "System.IO.Stream.", "System.IO.MemoryStream.", "System.IO.Path.", "System.IO.TextReader.", "System.IO.TextWriter.", "System.IO.StringReader.", "System.IO.StringWriter.",
        "System.IO.IOException.", "System.IO.InvalidDataException.", "System.IO.EndOfStreamException.", "System.IO.Pipelines.",
        "System.IO.Compression.ZLibStream.", "System.IO.Compression.DeflateStream.", "System.IO.Compression.GZipStream.", "System.IO.Compression.BrotliStream.", "System.IO.Compression.ZipArchive.", "System.IO.Compression.ZipArchiveEntry.",
        // Of a file that somebody on the list opened.
        "System.IO.FileStreamOptions.", "System.IO.FileStream.get_", "System.IO.FileStream.set_", "System.IO.FileStream.Flush", "System.IO.FileSystemInfo.get_", "System.IO.FileInfo.get_",
        "System.Diagnostics.Stopwatch.", "System.Diagnostics.CodeAnalysis.", "System.Diagnostics.Debug", "System.Diagnostics.Unreachable", "System.Diagnostics.StackTraceHidden",
        "System.Environment.get_NewLine.", "System.Environment.get_CurrentManagedThreadId.", "System.Environment.get_ProcessorCount.",
        "System.Reflection.MemberInfo.get_Name.", "System.Reflection.Assembly.GetManifestResource", "System.Reflection.MemberInfo.op_", "System.Reflection.MethodInfo.op_", "System.Reflection.PropertyInfo.op_", "System.Reflection.DefaultMemberAttribute.",
        "System.Runtime.InteropServices.MemoryMarshal.", "System.Runtime.InteropServices.CollectionsMarshal.", "System.Runtime.InteropServices.ImmutableCollectionsMarshal.", "System.Runtime.InteropServices.SafeHandle.", "System.Runtime.InteropServices.Marshalling.", "System.Runtime.InteropServices.CLong.",
        "Microsoft.Extensions.Logging.ILoggerFactory.", "Microsoft.Extensions.Logging.LoggerFactoryExtensions.", "Microsoft.Extensions.Logging.ILogger<",
    ];

    // What the compiler and its generators write: nobody can give a class of the source such a name without standing out.
    static readonly string[] generated = ["Microsoft.AspNetCore.OpenApi.Generated.", "System.Runtime.CompilerServices.", "System.Text.RegularExpressions.Generated.", "<"];

    // A gate: its name in the list, and what it watches: beginnings of members.
    static readonly (string Name, string[] Watched)[] gates =
    [
        ("network", ["System.Net.", "MailKit.", "MimeKit.", "Manzil.Outgoing.OutgoingGate.", "Manzil.Outgoing.Destination.Of", "Manzil.Outgoing.Recipient.OfMessages", "Microsoft.AspNetCore.Connections.", "Microsoft.AspNetCore.Server.", "Microsoft.AspNetCore.SignalR.", "Microsoft.AspNetCore.Http.HttpResponse.Redirect.", "Grpc.", "OpenTelemetry.", "StackExchange."]),
        ("files", ["System.IO.", "Microsoft.Win32.", "System.Xml.XmlReader.Create.", "System.Xml.XmlWriter.Create.", "System.Xml.Linq.XDocument.", "System.Xml.Linq.XElement.Load.", "System.Xml.Linq.XElement.Save.", "System.Xml.XmlDocument.", "System.Xml.XmlUrlResolver.", "System.Xml.Xsl.", "Microsoft.Extensions.FileProviders."]),
        ("console", ["System.Console."]),
        ("process", ["System.Diagnostics.", "System.Environment."]),
        ("reflection", ["System.Reflection.", "System.Activator.", "System.AppDomain.", "System.AppContext.SetData.", "System.Runtime.Loader.", "System.Runtime.InteropServices.", "System.Type.GetType.", "System.Type.InvokeMember.", "System.Type.GetMethod", "System.Type.GetConstructor", "System.Type.GetField", "System.Type.GetProp", "System.Type.GetMember", "System.Delegate.", "Microsoft.CSharp.", "System.Linq.Expressions.Expression.Compile", "System.Linq.Expressions.LambdaExpression.Compile", "System.Dynamic.", "calli"]),
        ("clock", ["System.Threading.Timer.", "System.Threading.PeriodicTimer.", "System.Threading.Thread.", "System.Threading.ThreadPool.", "System.Timers.", "System.Threading.Tasks.Task.Delay.", "System.Threading.Tasks.Task.Run.", "System.Threading.Tasks.TaskFactory.", "Microsoft.Extensions.Hosting.BackgroundService..ctor.", "Microsoft.Extensions.DependencyInjection.ServiceCollectionHostedServiceExtensions."]),
        ("log", ["Microsoft.Extensions.Logging.", "Manzil.LogNumber..ctor.", "Manzil.Register.RegisterStoppedException..ctor.", "Microsoft.Extensions.Diagnostics.", "Microsoft.AspNetCore.HttpLogging.", "Microsoft.AspNetCore.Builder.HttpLoggingBuilderExtensions."]),
        ("database", ["Npgsql.NpgsqlConnection.", "Npgsql.NpgsqlDataSource", "Npgsql.NpgsqlBinary", "Npgsql.NpgsqlRawCopy", "Npgsql.Replication.", "Npgsql.NpgsqlNestedDataReader.", "Microsoft.Data.Sqlite.SqliteConnection.", "Microsoft.Data.Sqlite.SqliteBlob.", "SQLitePCL."]),
        ("issuing state", ["Manzil.Receipts.IdentityDocument.get_State.", "Manzil.Receipts.IdentityDocument.ToString.", "Manzil.Receipts.IdentityDocument.<>"]),
    ];

    // Everything else that the program is made of. A namespace that is not here is nobody's: what can leave through it?
    static readonly HashSet<string> namespaces = new(Repository.Read(List).Split("[namespaces]")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => !l.StartsWith('#')), StringComparer.Ordinal);

    public static TheoryData<string> Gates => [.. gates.Select(g => g.Name)];

    [Theory]
    [MemberData(nameof(Gates))]
    public void Gate_WhoGoesThrough_IsOnTheList(string gate)
    {
        var found = Found(CompiledCode.Whole, gate).ToList();
        var listed = Listed(gate);
        Assert.NotEmpty(found);
        var problems = new StringBuilder();
        foreach (var line in found.Except(listed)) problems.Append("\n  not on the list:  ").Append(line);
        foreach (var line in listed.Except(found)) problems.Append("\n  no longer there:  ").Append(line);
        Assert.True(problems.Length == 0, $"""
            The part [{gate}] of {List} does not say what the compiled program does.{problems}
            If a new line is meant, and nothing about a person can leave or be decided by it, put the line there as it stands here, and say why in your commit.
            """);
    }

    [Fact]
    public void Program_Namespaces_AreOnTheList()
    {
        var strange = CompiledCode.Whole.Mentions.Where(m => !m.Call && !Array.Exists(generated, g => m.Place.StartsWith(g, StringComparison.Ordinal)))
            .Select(m => (m.Place, Space: SpaceOf(m.Target))).Where(m => m.Space.Length > 0 && !m.Space.StartsWith("Manzil", StringComparison.Ordinal) && !namespaces.Contains(m.Space))
            .GroupBy(m => m.Space).Select(g => $"{g.Key} (by {g.First().Place})").ToList();
        Assert.True(strange.Count == 0, $"Put it under [namespaces] in {List} if nothing can leave the process through it, else watch it as a gate in WaysOutTests:\n  {string.Join("\n  ", strange)}");
    }

    [Fact]
    public void Program_NativeFunctions_AreOpenSslsAlone() => Assert.All(CompiledCode.Whole.Imports, i => Assert.Matches(@"^Manzil\.Receipts\.(Es256Key|Ed25519|OpenSsl|Sha256)\.\w+ of libcrypto\.so\.3$", i));

    // Who runs by the clock, or beside requests.
    [Fact]
    public void Program_ServicesThatRunByThemselves_AreKnown() => Assert.Equal(
        ["Manzil.Deadlines.Timers", "Manzil.Messages.SendingLoop", "Manzil.Privacy.EraseOldData", "Manzil.SignIn.BackIn"],
        CompiledCode.Whole.Bases.Where(b => b.Value.Contains("Microsoft.Extensions.Hosting.BackgroundService", StringComparison.Ordinal) || b.Value.Contains("Microsoft.Extensions.Hosting.IHosted", StringComparison.Ordinal)).Select(b => b.Key).Order(StringComparer.Ordinal));

    // The reader sees through what the compiler makes of the source: this class is read as if it were the program.
    [Theory]
    [InlineData("network", "WaysOutTests.BreachAsync", "System.Net.Sockets.Socket..ctor")]
    [InlineData("network", "WaysOutTests.BreachAsync", "System.Net.Dns.GetHostEntryAsync")]
    [InlineData("files", "WaysOutTests.BreachAsync", "System.IO.File.AppendAllText")]
    [InlineData("process", "WaysOutTests.BreachAsync", "System.Diagnostics.Process.Start")]
    [InlineData("reflection", "WaysOutTests.BreachAsync", "System.Type.GetType")]
    [InlineData("issuing state", "WaysOutTests.BreachAsync", "Manzil.Receipts.IdentityDocument.get_State")]
    public void Reader_OfABreach_SeesIt(string gate, string place, string target) =>
        Assert.Contains(Found(CompiledCode.Of(typeof(WaysOutTests).Assembly.Location), gate), line => line.StartsWith($"Manzil.Tests.Gates.{place} | {target}", StringComparison.Ordinal));

    // Never called: in a lambda in an async method, the way a breach would be written.
    internal static async Task<object?> BreachAsync(IReadOnlyList<Manzil.Receipts.IdentityDocument> documents)
    {
        Func<Task<object?>> all = async () =>
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
            await System.Net.Dns.GetHostEntryAsync("police.invalid");
            File.AppendAllText("/nowhere", string.Join(',', documents.GroupBy(d => d.State).Select(g => g.Key)));
            return (System.Diagnostics.Process.Start("true"), Type.GetType("x"));
        };
        return await all();
    }

    static IEnumerable<string> Found(CompiledCode code, string gate)
    {
        var watched = gates.Single(g => g.Name == gate).Watched;
        var counted = gate is "network" or "issuing state";
        // What a generic method is made of counts like a call: an HttpClient may come out of a container.
        return code.Mentions.Where(m => m.Call && !IsOfTheGateItself(gate, m)).SelectMany(m => CompiledCode.Parts(m.Instantiation).Select(t => (m.Place, Target: $"{m.Target} of {t}", Watch: t + ".<>")).Append((m.Place, m.Target, Watch: m.Target + ".")))
            .Where(m => !Array.Exists(generated, g => m.Place.StartsWith(g, StringComparison.Ordinal)))
            .Where(m => Array.Exists(watched, w => m.Watch.StartsWith(w, StringComparison.Ordinal)) && !Array.Exists(harmless, h => m.Watch.StartsWith(h, StringComparison.Ordinal)))
            .Where(m => !IsHarmlessMadeOf(m.Target, m.Watch))
            .GroupBy(m => gate == "console" ? $"{m.Place[..m.Place.LastIndexOf('.')].TrimEnd('.')} | System.Console" : $"{m.Place} | {m.Target}")
            .Select(g => counted && g.Count() > 1 ? $"{g.Key} ×{g.Count()}" : g.Key).Order(StringComparer.Ordinal);
    }

    // Tasks, lists and the compiler's own builders of a watched type are not made by these.
    static bool IsHarmlessMadeOf(string target, string watch) =>
        !target.StartsWith(watch, StringComparison.Ordinal) && target.Contains(" of ", StringComparison.Ordinal)
        && (target.StartsWith("System.Runtime.CompilerServices.", StringComparison.Ordinal) || target.StartsWith("System.Threading.Tasks.", StringComparison.Ordinal) || target.StartsWith("System.Collections.", StringComparison.Ordinal)
            || target.StartsWith("System.Nullable", StringComparison.Ordinal) || target.StartsWith("System.Func", StringComparison.Ordinal) || target.StartsWith("System.IEquatable", StringComparison.Ordinal)
            || target.StartsWith("System.Linq.Enumerable", StringComparison.Ordinal) || target.StartsWith("System.Threading.Channels", StringComparison.Ordinal)
            || target.StartsWith("System.ReadOnlySpan", StringComparison.Ordinal) || target.StartsWith("System.Span", StringComparison.Ordinal) || target.StartsWith("System.ReadOnlyMemory", StringComparison.Ordinal)
            || target.StartsWith("System.ValueTuple", StringComparison.Ordinal));

    static bool IsOfTheGateItself(string gate, Mention m) => gate switch
    {
        "network" => m.Place.StartsWith("Manzil.Outgoing.OutgoingGate.", StringComparison.Ordinal) && m.TargetType.StartsWith("Manzil.Outgoing.", StringComparison.Ordinal),
        "log" => m.Place.StartsWith("Manzil.LogEvents.", StringComparison.Ordinal) || m.Place.StartsWith("Manzil.LogNumber.", StringComparison.Ordinal),
        "issuing state" => m.Place.StartsWith("Manzil.Receipts.IdentityDocument.", StringComparison.Ordinal),
        _ => false,
    };

    static List<string> Listed(string gate) =>
        [.. Repository.Read(List).Split($"\n[{gate}]\n")[1].Split("\n[")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => !l.StartsWith('#')).Order(StringComparer.Ordinal)];

    // Classes of the compiler's own and of no namespace say nothing.
    static string SpaceOf(string type)
    {
        var outer = type.Split('+')[0];
        return outer.Contains('.', StringComparison.Ordinal) && !outer.StartsWith('<') && !outer.StartsWith('?') ? outer[..outer.LastIndexOf('.')] : "";
    }
}
