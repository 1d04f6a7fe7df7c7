namespace Manzil.Layout;

/// <summary>
/// A kind of failure as the API names it. Its texts are <c>problem.{Name}.title</c> and <c>problem.{Name}.detail</c>
/// in every catalogue, which the build checks wherever <see cref="Of"/> is called.
/// </summary>
public sealed record Problem
{
    Problem(string name, int status) => (Name, Status) = (name, status);

    public string Name { get; }

    public int Status { get; }

    /// <summary>Never changes once published.</summary>
    public string Type => "urn:manzil:problem:" + Name;

    public static Problem Of(string name, int status) => new(name, status);
}
