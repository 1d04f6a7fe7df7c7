using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Manzil.Tests.Databases;
using Microsoft.Data.Sqlite;
using Npgsql;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Gates;

/// <summary>One statement that read an issuing state: who executed it, as Namespace.Class.Method, and its text on one line.</summary>
readonly record struct StateRead(string Place, string Sql)
{
    public override string ToString() => $"{Place} | {Sql}";
}

/// <summary>
/// privacy.md 6: which statements that were really executed read document.state, whatever they look like: select *, a whole row as JSON, a
/// sub-query, a text put together. The engines say so themselves. SQLite tells its authorizer of every column that a statement reads, when
/// it compiles it. PostgreSQL is asked afterwards to run the same text as somebody who may read all of the table but that column.
/// Every test that runs the service is watched (<see cref="TestService"/>); states.txt beside this file is the one list of who may.
/// </summary>
static partial class StateReads
{
    public const string List = "tests/Manzil.Tests/Gates/states.txt";

    const string Table = "document", Column = "state", InTheSchema = "a trigger of the schema";

    /// <summary>What states.txt lists.</summary>
    public static IReadOnlySet<string> Listed { get; } =
        Repository.Read(List).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => !l.StartsWith('#')).ToHashSet(StringComparer.Ordinal);

    const uint Begins = 1, Ends = 2;

    // By the database's name: tests run beside one another.
    static readonly ConcurrentDictionary<string, ConcurrentDictionary<StateRead, byte>> reads = new(StringComparer.Ordinal);
    static readonly ConcurrentDictionary<string, ConcurrentDictionary<(StateRead Read, string Sql), byte>> asked = new(StringComparer.Ordinal);

    // What PostgreSQL said of a text: the same in each of its databases.
    static readonly ConcurrentDictionary<string, bool> verdicts = new(StringComparer.Ordinal);

    // SQLite compiles a statement and then runs it, on one thread.
    [ThreadStatic]
    static string? compiled;

    // VACUUM copies every table into a new file of the same database, and shows nothing to anybody; VACUUM INTO another file does.
    [ThreadStatic]
    static bool tidies;

    // What is asked here itself is nobody's.
    static readonly AsyncLocal<bool> judging = new();

    // SQLite holds no references of its own to what it calls.
    static readonly ExtensionEntry onOpen = OnOpen;
    static readonly Authorizer onRead = OnRead;
    static readonly Tracer onRun = OnRun;

    [ModuleInitializer]
    internal static void Watch()
    {
        RuntimeHelpers.RunClassConstructor(typeof(SqliteConnection).TypeHandle);
        Assert.Equal(0, NativeMethods.AutoExtension(Marshal.GetFunctionPointerForDelegate(onOpen)));
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            // Whoever executes it is on the stack when it begins; its text is there when it has ended.
            ActivityStarted = activity => activity.SetCustomProperty(nameof(StackTrace), new StackTrace(2, false)),
            ActivityStopped = OnExecuted,
        });
    }

    /// <summary>What was read in one test's database, by the program and by tests that look into it.</summary>
    public static async Task<IReadOnlyCollection<StateRead>> OfAsync(TestDatabase database)
    {
        var name = NameOf(database);
        var found = reads.GetValueOrDefault(name)?.Keys.ToList() ?? [];
        if (database.Kind == DatabaseKind.Sqlite || !asked.TryGetValue(name, out var texts)) return found;
        var unknown = texts.Keys.Select(t => t.Sql).Where(sql => !verdicts.ContainsKey(sql)).Distinct().ToList();
        if (unknown.Count > 0)
        {
            await using var owner = (NpgsqlConnection)await database.OpenAsync();
            foreach (var (sql, isRead) in await JudgeAsync(owner, unknown)) verdicts[sql] = isRead;
        }

        return [.. found, .. texts.Keys.Where(t => verdicts[t.Sql]).Select(t => t.Read).Distinct()];
    }

    /// <summary>When a test's service ends: nobody read one who is not on the list.</summary>
    public static async Task CheckAsync(TestDatabase database)
    {
        var strange = (await OfAsync(database)).Where(r => !r.Place.StartsWith("Manzil.Tests.", StringComparison.Ordinal) && !Listed.Contains(r.ToString())).ToList();
        reads.TryRemove(NameOf(database), out _);
        asked.TryRemove(NameOf(database), out _);
        Assert.True(strange.Count == 0, $"""
            These statements read document.state, and {List} does not list them:
            {string.Join('\n', strange)}
            Nothing that lists, counts, sorts or selects people may. If this is about one person, put the line there as it stands here, with what for.
            """);
    }

    static string NameOf(TestDatabase database) => database.Kind == DatabaseKind.Postgres ? new NpgsqlConnectionStringBuilder(database.ConnectionString).Database! : database.DataFolder;

    // The method of the program, or of a test, that is nearest to the statement.
    static string PlaceOf(StackTrace stack)
    {
        foreach (var frame in stack.GetFrames())
        {
            if (frame.GetMethod() is { DeclaringType: { FullName: { } type } } method && type.StartsWith("Manzil.", StringComparison.Ordinal) && type.Split('+')[0] != typeof(StateReads).FullName)
                return CompiledCode.Source(type, method.Name);
        }

        return "nobody";
    }

    /// <summary>A statement on one line; how many keys were bound to a list is left out.</summary>
    static string Plain(string sql) => ManyKeys().Replace(Space().Replace(sql, " ").Trim(), "(@keys…)");

    static int OnOpen(nint database, nint error, nint api)
    {
        NativeMethods.SetAuthorizer(database, Marshal.GetFunctionPointerForDelegate(onRead), database);
        return NativeMethods.Trace(database, Begins | Ends, Marshal.GetFunctionPointerForDelegate(onRun), database);
    }

    static int OnRead(nint connection, int action, nint table, nint column, nint database, nint inner)
    {
        const int Read = 20;
        if (action != Read || tidies || table == 0 || Marshal.ReadByte(table) != Table[0] || Marshal.PtrToStringUTF8(table) != Table || Marshal.PtrToStringUTF8(column) != Column) return 0;
        // A trigger of the list reads by itself, whichever statement sets it off.
        if (Marshal.PtrToStringUTF8(inner) is { } name && new StateRead(name, InTheSchema) is var read && Listed.Contains(read.ToString())) Note(connection, read);
        else compiled = PlaceOf(new StackTrace(1, false));
        return 0;
    }

    static void Note(nint connection, StateRead read) =>
        reads.GetOrAdd(Path.GetDirectoryName(Marshal.PtrToStringUTF8(NativeMethods.FileName(connection, "main"))) ?? "", _ => new())[read] = 0;

    static int OnRun(uint what, nint database, nint statement, nint text)
    {
        tidies = what == Begins && string.Equals(Marshal.PtrToStringUTF8(NativeMethods.Sql(statement))?.Trim(' ', ';'), "vacuum", StringComparison.OrdinalIgnoreCase);
        if (what == Ends) return 0;
        if (compiled is not { } place || Marshal.PtrToStringUTF8(NativeMethods.Sql(statement)) is not { } sql || !sql.Contains(Table, StringComparison.OrdinalIgnoreCase)) return 0;
        compiled = null;
        Note(database, new StateRead(place, Plain(sql)));
        return 0;
    }

    static void OnExecuted(Activity activity)
    {
        // Whoever reads a table names it.
        if (judging.Value || activity.GetTagItem("db.query.text") is not string sql || !sql.Contains(Table, StringComparison.OrdinalIgnoreCase)) return;
        if (activity.GetTagItem("db.namespace") is not string name || activity.GetCustomProperty(nameof(StackTrace)) is not StackTrace stack) return;
        asked.GetOrAdd(name, _ => new())[(new StateRead(PlaceOf(stack), Plain(sql)), sql)] = 0;
    }

    /// <summary>Which of these texts PostgreSQL refuses to somebody who may do all with the table but read that column.</summary>
    public static async Task<IReadOnlyDictionary<string, bool>> JudgeAsync(NpgsqlConnection owner, IEnumerable<string> texts)
    {
        async Task<string?> RefusedAsync(string sql)
        {
            try
            {
                await using var command = new NpgsqlCommand(sql, owner);
                await command.ExecuteNonQueryAsync();
                return null;
            }
            catch (PostgresException e)
            {
                return e.SqlState;
            }
        }

        judging.Value = true;
        await using var transaction = await owner.BeginTransactionAsync();
        // Owners can take their own rights away; all of it is rolled back.
        await using (var command = new NpgsqlCommand($"select string_agg(quote_ident(attname), ', ') from pg_attribute where attrelid = '{Table}'::regclass and attnum > 0 and not attisdropped and attname <> '{Column}'", owner))
        {
            var others = await command.ExecuteScalarAsync();
            Assert.Null(await RefusedAsync($"revoke select on {Table} from current_user; grant select ({others}) on {Table} to current_user"));
        }

        var (judged, number) = (new Dictionary<string, bool>(), 0);
        foreach (var text in texts)
        {
            var names = Parameter().Matches(text).Select(m => m.Value).Distinct().ToList();
            var numbered = Parameter().Replace(text, m => $"${names.IndexOf(m.Value) + 1}");
            var nulls = names.Count == 0 ? "" : $"({string.Join(", ", names.Select(_ => "null"))})";
            const string Denied = "42501";
            string? refused = null;
            // With the types that PostgreSQL finds for the parameters; where it finds none, without them.
            number++;
            foreach (var attempt in new[] { $"prepare judged{number} as {numbered}; explain execute judged{number}{nulls}", $"explain {Parameter().Replace(text, "null")}" })
            {
                await transaction.SaveAsync("judged");
                refused = await RefusedAsync(attempt);
                await transaction.RollbackAsync("judged");
                if (refused is null or Denied) break;
            }

            // What cannot be asked about counts as read: somebody has to look at it.
            judged[text] = refused is not null;
        }

        await transaction.RollbackAsync();
        return judged;
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, 5000)]
    private static partial Regex Space();

    [GeneratedRegex(@"(?<=\bin )\(@keys\d*(, ?@keys\d+)*\)", RegexOptions.None, 5000)]
    private static partial Regex ManyKeys();

    [GeneratedRegex(@"(?<![@\w<>])@[A-Za-z_]\w*", RegexOptions.None, 5000)]
    private static partial Regex Parameter();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int ExtensionEntry(nint database, nint error, nint api);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int Authorizer(nint connection, int action, nint table, nint column, nint database, nint inner);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int Tracer(uint what, nint context, nint statement, nint text);

    // Of the library that the program itself loads.
    static class NativeMethods
    {
        const string Library = "e_sqlite3";

        [DllImport(Library, EntryPoint = "sqlite3_auto_extension")]
        public static extern int AutoExtension(nint entry);

        [DllImport(Library, EntryPoint = "sqlite3_set_authorizer")]
        public static extern int SetAuthorizer(nint database, nint authorizer, nint user);

        [DllImport(Library, EntryPoint = "sqlite3_trace_v2")]
        public static extern int Trace(nint database, uint what, nint tracer, nint context);

        [DllImport(Library, EntryPoint = "sqlite3_sql")]
        public static extern nint Sql(nint statement);

        [DllImport(Library, EntryPoint = "sqlite3_db_filename")]
        public static extern nint FileName(nint database, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);
    }
}
