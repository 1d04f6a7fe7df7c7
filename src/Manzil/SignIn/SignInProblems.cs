using Manzil.Layout;

namespace Manzil.SignIn;

public static class SignInProblems
{
    public static readonly Problem Failed = Problem.Of("sign-in-failed", StatusCodes.Status401Unauthorized);
    public static readonly Problem Wait = Problem.Of("sign-in-wait", StatusCodes.Status429TooManyRequests);
    public static readonly Problem Crowded = Problem.Of("sign-in-crowded", StatusCodes.Status429TooManyRequests);
    public static readonly Problem FreshSignInNeeded = Problem.Of("fresh-sign-in-needed", StatusCodes.Status403Forbidden);
    public static readonly Problem CodeWrong = Problem.Of("code-wrong", StatusCodes.Status401Unauthorized);
    public static readonly Problem CodesToday = Problem.Of("codes-today", StatusCodes.Status429TooManyRequests);
    public static readonly Problem NoChannel = Problem.Of("no-channel", StatusCodes.Status409Conflict);

    public static Problem Of(SignInResult.Wait wait) => wait.IsCrowded ? Crowded : Wait;

    /// <summary>The same on a page.</summary>
    public static string Sentence(Texts texts, SignInResult.Wait wait) => texts[$"problem.{Of(wait).Name}.detail", ("count", wait.Minutes)];
}
