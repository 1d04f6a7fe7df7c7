using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.RegularExpressions;
using Manzil.Demo;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Gates;

/// <summary>privacy.md 5: what may stand in the operator's log is one list, LogEvents, of values that can carry neither an address nor what somebody typed.</summary>
public partial class LogTemplatesTests
{
    // What a value of each type looks like in a line.
    static readonly Dictionary<Type, string> values = new()
    {
        [typeof(LogWord)] = "[A-Za-z][A-Za-z #0-9',:?()_-]*",
        [typeof(LogNumber)] = "(\\d{1,6}|many)",
        [typeof(LogOfficer)] = "([A-Za-z0-9][A-Za-z0-9-]{0,19}|unknown)",
        [typeof(LogRoute)] = "(no route|[A-Za-z0-9/{}:?*()^$|_.-]*)",
        [typeof(LogType)] = "[A-Za-z]+",
        [typeof(LogCause)] = "[^\\n]+",
        [typeof(LocalDate)] = "\\d{4}-\\d{2}-\\d{2}",
    };

    static IEnumerable<MethodInfo> Events => typeof(LogEvents).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Where(m => m.GetCustomAttribute<LoggerMessageAttribute>() is not null);

    [Fact]
    public void LogEvents_Values_AreOfTypesThatCarryNothing()
    {
        Assert.True(Events.Count() > 20);
        Assert.All(Events, e =>
        {
            Assert.Equal(typeof(ILogger), e.GetParameters()[0].ParameterType);
            Assert.All(e.GetParameters().Skip(1), p => Assert.True(values.ContainsKey(p.ParameterType), $"{e.Name}({p.ParameterType.Name} {p.Name}): a value of the log is of {string.Join(", ", values.Keys.Select(k => k.Name))}"));
        });
        // None is made of a text or of bytes: but a word, which is one of a list, or "other".
        foreach (var type in values.Keys.Where(t => t.Namespace == "Manzil"))
        {
            var made = type.GetConstructors().Select(c => c.GetParameters()).Concat(type.GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.ReturnType == type).Select(m => m.GetParameters()));
            Assert.All(made.SelectMany(p => p), p => Assert.True(p.ParameterType != typeof(byte[]) && p.ParameterType != typeof(IPAddress) && (p.ParameterType != typeof(string) || type == typeof(LogWord)), $"{type.Name} is made of {p.ParameterType.Name}"));
        }
    }

    [Theory]
    [InlineData("203.0.113.77", "other")]
    [InlineData("c775e7b757ede630", "other")]
    [InlineData("FC1000017", "other")]
    [InlineData("the gateway answered 503", "the gateway answered 503")]
    [InlineData("the gateway answered 203.0.113.77", "other")]
    [InlineData("the gateway answered 203113", "other")]
    [InlineData("card", "card")]
    [InlineData(null, "other")]
    public void LogWord_OfAnything_IsOfTheListOrOther(string? word, string said) => Assert.Equal(said, LogWord.Of(word).ToString());

    [Theory]
    [InlineData(3405803853, "many")]
    [InlineData(-1, "many")]
    [InlineData(503, "503")]
    public void LogNumber_OfAnything_IsNoAddress(long number, string said) => Assert.Equal(said, new LogNumber(number).ToString());

    [Fact]
    public void LogCause_OfAnException_LeavesItsMessageOut()
    {
        var typed = "+77777000123, 203.0.113.77";
        foreach (var e in new Exception[] { new FormatException(typed), new InvalidOperationException("x", new ArgumentException(typed)), new IOException(typed), new Npgsql.NpgsqlException(typed, new TimeoutException(typed)), new Microsoft.Data.Sqlite.SqliteException(typed, 13) })
            Assert.DoesNotContain("777", LogCause.Of(e, place: true).ToString(), StringComparison.Ordinal);
        Assert.Contains("full", LogCause.Of(new Microsoft.Data.Sqlite.SqliteException("", 13, 13)).ToString(), StringComparison.Ordinal);
        Assert.Contains("No space left", LogCause.Of(new IOException("", 28)).ToString(), StringComparison.Ordinal);
    }

    // The same is done from two addresses: the lines are those of the list, and not one differs. Nor does a header of an answer, sealed cookies
    // by their length.
    [Theory, EachDatabase]
    public async Task Lines_OfAWalkFromTwoAddresses_AreOfTheListAndTheSame(DatabaseKind kind)
    {
        var ((first, heads), (second, otherHeads)) = (await WalkAsync(kind, "203.0.113.77"), await WalkAsync(kind, "2001:db8::7766:55"));
        var templates = Events.Select(e => Pattern(e)).ToList();
        Assert.Empty(first.Concat(second).Where(l => l.Category.StartsWith("Manzil", StringComparison.Ordinal) && !templates.Exists(t => t.IsMatch(l.Text))).Select(l => l.Text));
        // What the framework says at this level is nothing.
        Assert.Empty(first.Concat(second).Where(l => !l.Category.StartsWith("Manzil", StringComparison.Ordinal)).Select(l => $"{l.Category}: {l.Text}"));
        Assert.Empty(first.Concat(second).Where(l => l.HasException || l.HasScope).Select(l => l.Text));
        Assert.True(first.Count > 30, $"{first.Count} lines");
        Assert.Equal(first.Select(l => l.Text).Order(StringComparer.Ordinal), second.Select(l => l.Text).Order(StringComparer.Ordinal));
        Assert.True(heads.Count > 45, $"{heads.Count} answers");
        Assert.Equal(heads, otherHeads);
    }

    static Regex Pattern(MethodInfo e)
    {
        var template = e.GetCustomAttribute<LoggerMessageAttribute>()!.Message;
        var parameters = e.GetParameters().Skip(1).ToDictionary(p => p.Name!, p => p.ParameterType, StringComparer.OrdinalIgnoreCase);
        var pattern = Hole().Replace(Regex.Escape(template).Replace("}", "\\}", StringComparison.Ordinal), m => values[parameters[m.Groups[1].Value]]);
        return new Regex($"^{pattern}$", RegexOptions.None, TimeSpan.FromSeconds(5));
    }

    static async Task<(IReadOnlyList<Line> Lines, IReadOnlyList<string> Heads)> WalkAsync(DatabaseKind kind, string address)
    {
        using var lines = new Lines();
        var heads = new List<string>();
        await using var service = await TestService.StartAsync(kind, trustedProxy: "127.0.0.1", logs: lines);
        using var client = new HttpClient(new Reader(heads, new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })) { BaseAddress = service.Url };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        var worker = await service.EnrolAsync();
        async Task SignInAsync(string card, string code)
        {
            using var answer = await client.PostAsJsonAsync("/api/v1/sessions", new { cardNumber = card, birthDate = "1990-05-17", activationCode = code });
        }

        await SignInAsync(worker.CardNumber, "AAAAA-AAAAA");
        await SignInAsync(worker.CardNumber, worker.ActivationCode);
        for (var i = 0; i < 6; i++) await SignInAsync("FC7777777", "AAAAA-AAAAA");
        foreach (var path in new[] { "/", "/nowhere", "/api/v1/nowhere", "/api/v1/me", "/log/checkpoint", "/language", "/staff/cases", "/helper", "/verify", "/status", "/health/ready", "/api/v1/notices/0000-00000-00000", "/sign-in?return=%2Fcase", "/../etc" })
        {
            using var answer = await client.GetAsync(path);
            using var post = await client.PostAsync(path, new FormUrlEncodedContent([new("a", "b")]));
            using var json = await client.PostAsJsonAsync(path, new { number = address });
        }

        var (clerk, cookie) = await service.StaffAsync(StaffRole.Clerk, "S77");
        using (var request = new HttpRequestMessage(HttpMethod.Get, "/staff/lead"))
        {
            request.Headers.Add("Cookie", cookie);
            using var refused = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using (var invited = await client.GetAsync("/staff/demo/" + service.Services.GetRequiredService<DemoSignIn>().Make(clerk.Id)))
        {
        }

        // The last line of all is there once this one is: each is written when its answer is on its way.
        using (var last = await client.GetAsync("/api/v1/last-of-all"))
        {
            Assert.Equal(HttpStatusCode.NotFound, last.StatusCode);
        }

        var count = -1;
        for (var i = 0; i < 200 && count != lines.All.Count; i++)
        {
            count = lines.All.Count;
            await Task.Delay(50);
        }

        return ([.. lines.All], heads);
    }

    // What was asked, and all headers of the answer but its time; where a value is long and of one piece, as sealed ones are, its length.
    sealed class Reader(List<string> heads, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            var headers = answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}: {string.Join(", ", h.Value.Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal);
            heads.Add($"{request.Method} {(request.RequestUri!.AbsolutePath.StartsWith("/staff/demo/", StringComparison.Ordinal) ? "/staff/demo" : request.RequestUri.PathAndQuery)} {(int)answer.StatusCode} {OnePiece().Replace(string.Join('\n', headers), m => $"({m.Length} characters)")}");
            return answer;
        }
    }

    sealed record Line(string Category, string Text, bool HasException, bool HasScope);

    // With the category, which the service's own lines and the framework's differ by.
    sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<Line> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Of(categoryName, All);

        public void Dispose()
        {
        }

        sealed class Of(string category, ConcurrentQueue<Line> all) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
            {
                // The framework's own scopes are shown to nobody (LogLines).
                if (category.StartsWith("Manzil", StringComparison.Ordinal)) all.Enqueue(new Line(category, $"{state}", false, true));
                return null;
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                all.Enqueue(new Line(category, formatter(state, exception), exception is not null, false));
        }
    }

    [GeneratedRegex("[A-Za-z0-9_%-]{32,}", RegexOptions.None, 5000)]
    private static partial Regex OnePiece();

    [GeneratedRegex(@"\\\{(\w+)(:[^}]*)?\\\}", RegexOptions.None, 5000)]
    private static partial Regex Hole();
}
