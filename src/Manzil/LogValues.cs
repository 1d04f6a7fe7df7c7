using System.Collections.Frozen;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Manzil.Register;
using Manzil.Rules;
using Manzil.Staff;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Manzil;

// What may stand in a log line (privacy.md, 5). None of these can be made of a text or of bytes that came from outside.

/// <summary>A word of this list, or "other". Digits are read as one: an answer's number may stand in a word, and no more than three digits.</summary>
public readonly record struct LogWord
{
    static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal,
        [
            "api", "browser", "phone",
            "card", "signed-in", "document", "recovery", "helper", "channel", "code",
            "passkey", "staff_passkey", "sign-in", "add", "fresh",
            "GET", "HEAD", "POST", "DELETE",
            "E-mail", "SMS",
            .. StaffRoles.All.Select(r => r.Name()),
            "there was no answer in time",
            "the gateway's name is not known",
            "the gateway cannot be connected to",
            "no secure connection to the gateway could be made",
            "the gateway cut the line",
            "the gateway's answer is not HTTP, or broke off",
            "the gateway answered #",
            "the SMTP server answered #",
            "the SMTP server does not accept our sender's address (#)",
            "no secure connection to the SMTP server could be made: is its certificate valid for its name?",
            "the SMTP server refuses the user or the password",
            "the SMTP server does not offer the security, or the signing in, that the messages file asks for",
            "the SMTP server cannot be connected to",
            "the SMTP server cut the line, or does not speak SMTP",
            "the SMTP server cut the line",
        ]);

    readonly string? _word;

    LogWord(string word) => _word = word;

    public static LogWord Of(string? word) => word is not null && word.Count(char.IsAsciiDigit) <= 3 && Known.Contains(Masked(word)) ? new LogWord(word) : default;

    static string Masked(string word)
    {
        var masked = new StringBuilder();
        foreach (var c in word)
        {
            if (!char.IsAsciiDigit(c)) masked.Append(c);
            else if (masked.Length == 0 || masked[^1] != '#') masked.Append('#');
        }

        return masked.ToString();
    }

    public override string ToString() => _word ?? "other";
}

/// <summary>A count, a year or a status: from 0 to 999,999, and "many" above.</summary>
public readonly record struct LogNumber(long Value)
{
    public override string ToString() => Value is >= 0 and < 1_000_000 ? Value.ToString(CultureInfo.InvariantCulture) : "many";
}

/// <summary>An officer's number, as the register of officers has it.</summary>
public readonly record struct LogOfficer
{
    readonly string? _number;

    LogOfficer(string number) => _number = number;

    public static LogOfficer Of(StaffMember staff) => new(staff.Number);

    public override string ToString() => _number ?? "unknown";
}

/// <summary>A route as the program declares it, or a page's name: never the path that was asked for, which may hold a number of somebody's.</summary>
public readonly record struct LogRoute
{
    readonly string? _route;

    LogRoute(string? route) => _route = route;

    public static LogRoute Of(Endpoint? endpoint) => new((endpoint as RouteEndpoint)?.RoutePattern.RawText);

    public static LogRoute Of(CompiledPageActionDescriptor page) => new(page.ViewEnginePath);

    public override string ToString() => _route ?? "no route";
}

/// <summary>The name of a type of the program.</summary>
public readonly record struct LogType
{
    readonly Type? _type;

    LogType(Type type) => _type = type;

    public static LogType Of(object instance) => new(instance.GetType());

    public override string ToString() => _type?.Name ?? "none";
}

/// <summary>
/// What went wrong: the kinds of the exceptions, their codes in the words of whoever defined them, and where in the program. An
/// exception's own message is left out, since it may repeat what was typed; but for the sentences that this program wrote.
/// </summary>
public readonly record struct LogCause
{
    readonly string? _text;

    LogCause(string text) => _text = text;

    /// <param name="place">Whether to say where in the program, for what nobody foresaw.</param>
    public static LogCause Of(Exception exception, bool place = false)
    {
        var text = new StringBuilder(InWords(exception));
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException) text.Append(", since ").Append(InWords(inner));
        if (place && exception.StackTrace is { } trace)
        {
            foreach (var line in trace.Split('\n')) text.Append(" | ").Append(line.Trim());
        }

        return new LogCause(text.ToString());
    }

    static string InWords(Exception e) => e switch
    {
        RegisterStoppedException stopped => stopped.Message,
        PostgresException p => $"PostgreSQL {p.SqlState}{(p.TableName is { } table ? " in " + table : "")}{(p.ConstraintName is { } constraint ? " by " + constraint : "")}",
        SqliteException s => $"SQLite {s.SqliteExtendedErrorCode}: {raw.sqlite3_errstr(s.SqliteExtendedErrorCode).utf8_to_string()}",
        SocketException s => $"socket error {s.SocketErrorCode}",
        // The number of the operating system's own error, and its words for it.
        IOException { HResult: > 0 and < 200 } io => $"{io.GetType().Name}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(io.HResult)}",
        _ => e.GetType().Name,
    };

    public override string ToString() => _text ?? "unknown";
}
