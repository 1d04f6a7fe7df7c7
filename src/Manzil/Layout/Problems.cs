using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Manzil.Cases.Files;

namespace Manzil.Layout;

/// <summary>Failures that any part may answer with, and how the API writes one (RFC 9457), in the reader's language.</summary>
public static class Problems
{
    public static readonly Problem Malformed = Problem.Of("malformed", StatusCodes.Status400BadRequest);
    public static readonly Problem SignInNeeded = Problem.Of("sign-in-needed", StatusCodes.Status401Unauthorized);
    public static readonly Problem Forbidden = Problem.Of("forbidden", StatusCodes.Status403Forbidden);
    public static readonly Problem NotFound = Problem.Of("not-found", StatusCodes.Status404NotFound);
    public static readonly Problem MethodNotAllowed = Problem.Of("method-not-allowed", StatusCodes.Status405MethodNotAllowed);
    public static readonly Problem TooLarge = Problem.Of("too-large", StatusCodes.Status413PayloadTooLarge);
    public static readonly Problem WrongContentType = Problem.Of("wrong-content-type", StatusCodes.Status415UnsupportedMediaType);
    public static readonly Problem TooManyRequests = Problem.Of("too-many-requests", StatusCodes.Status429TooManyRequests);
    public static readonly Problem Internal = Problem.Of("internal", StatusCodes.Status500InternalServerError);
    public static readonly Problem Unavailable = Problem.Of("unavailable", StatusCodes.Status503ServiceUnavailable);

    /// <summary>A form that was shown to somebody else (<see cref="Access.ShownTo"/>).</summary>
    public static readonly Problem ShownToSomebodyElse = Problem.Of("shown-to-somebody-else", StatusCodes.Status409Conflict);

    static readonly IReadOnlyDictionary<int, Problem> byStatus = new[]
    {
        Malformed, SignInNeeded, Forbidden, NotFound, MethodNotAllowed, TooLarge, WrongContentType, TooManyRequests, Internal, Unavailable,
    }.ToDictionary(p => p.Status);

    /// <summary>The general problem of a status that nothing more exact was said about.</summary>
    public static Problem OfStatus(int status) => byStatus.GetValueOrDefault(status, status < 500 ? Malformed : Internal);

    public static IResult Result(HttpContext context, Problem problem, params (string Name, object Value)[] values) =>
        new Answer(problem, problem.Status, values);

    /// <summary>The same with the members at fault: each named, with a reason that has a text (fault.*).</summary>
    public static IResult Result(HttpContext context, Problem problem, IReadOnlyList<(string Field, string Reason)> faults) =>
        new Answer(problem, problem.Status, []) { Faults = faults };

    internal static Task Write(HttpContext context, Problem problem, int status, (string Name, object Value)[] values, IReadOnlyList<(string Field, string Reason)>? faults = null)
    {
        var texts = Texts.For(LanguageChoice.Of(context));
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.Headers.ContentLanguage = texts.Lang;
        var body = JsonSerializer.SerializeToUtf8Bytes(new Document(
            problem.Type, texts[$"problem.{problem.Name}.title", values], status, texts[$"problem.{problem.Name}.detail", values],
            faults?.Select(f => new Fault(f.Field, f.Reason, texts[$"fault.{f.Reason}", FileLimits.Numbers])).ToList()), json);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    sealed record Document(string Type, string Title, int Status, string Detail, IReadOnlyList<Fault>? Errors);

    sealed record Fault(string Field, string Reason, string Detail);

    sealed class Answer(Problem problem, int status, (string Name, object Value)[] values) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => status;

        public IReadOnlyList<(string Field, string Reason)>? Faults { get; init; }

        public Task ExecuteAsync(HttpContext httpContext) => Write(httpContext, problem, status, values, Faults);
    }
}
