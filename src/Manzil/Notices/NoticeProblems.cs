using Manzil.Layout;

namespace Manzil.Notices;

/// <summary>Every refusal of a notice, as the API names it; pages show the same texts.</summary>
public static class NoticeProblems
{
    public static readonly Problem IdempotencyKeyMissing = Problem.Of("idempotency-key-missing", StatusCodes.Status400BadRequest);
    public static readonly Problem IdempotencyKeyUsed = Problem.Of("idempotency-key-used", StatusCodes.Status422UnprocessableEntity);
    public static readonly Problem SignatureWrong = Problem.Of("signature-wrong", StatusCodes.Status400BadRequest);
    public static readonly Problem SessionKeyMissing = Problem.Of("session-key-missing", StatusCodes.Status409Conflict);
    public static readonly Problem NotFound = Problem.Of("notice-not-found", StatusCodes.Status404NotFound);

    static readonly Dictionary<string, Problem> ByName = new[]
    {
        Problem.Of("already-registered", StatusCodes.Status409Conflict),
        Problem.Of("not-registered", StatusCodes.Status409Conflict),
        Problem.Of("no-residence", StatusCodes.Status409Conflict),
        Problem.Of("residence-too-early", StatusCodes.Status422UnprocessableEntity),
        Problem.Of("residence-too-late", StatusCodes.Status422UnprocessableEntity),
        Problem.Of("departure-too-early", StatusCodes.Status422UnprocessableEntity),
        Problem.Of("departure-too-late", StatusCodes.Status422UnprocessableEntity),
        Problem.Of("departure-told", StatusCodes.Status409Conflict),
        Problem.Of("ended", StatusCodes.Status409Conflict),
        Problem.Of("removed", StatusCodes.Status409Conflict),
        Problem.Of("removal-pending", StatusCodes.Status409Conflict),
        Problem.Of("not-correctable", StatusCodes.Status409Conflict),
        Problem.Of("already-replaced", StatusCodes.Status409Conflict),
        Problem.Of("nothing-to-undo", StatusCodes.Status409Conflict),
        Problem.Of(GiveNotice.NothingCorrected, StatusCodes.Status409Conflict),
    }.ToDictionary(p => p.Name);

    public static Problem Of(string refusal) => ByName.GetValueOrDefault(refusal, NotFound);
}
