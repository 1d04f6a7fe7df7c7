namespace Manzil.Typing;

/// <summary>
/// The texts that a door takes by itself, where no page binds them: members of JSON, fields of a form; each with its kind. A door says
/// them in a static field, and reads them by it: so the table of doors (doors.txt) is what the program does.
/// </summary>
public sealed class TypedMembers(params (string Name, TextKind Kind)[] members)
{
    readonly Dictionary<string, TextKind> _kinds = members.ToDictionary(m => m.Name, m => m.Kind, StringComparer.Ordinal);

    public IReadOnlyList<(string Name, TextKind Kind)> All { get; } = members;

    /// <param name="name">One of them.</param>
    public TypedText Of(string name, string raw) => TypedText.Of(_kinds[name], raw);
}
