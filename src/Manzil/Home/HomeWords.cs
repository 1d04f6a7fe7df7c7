using Manzil.Layout;

namespace Manzil.Home;

/// <summary>A sentence of the page: the key of its text, and what fills its places, a text with a key of its own among them.</summary>
public sealed record Sentence(string Key, params (string Name, object Value)[] Values)
{
    public string In(Texts t) => t[Key, [.. Values.Select(v => v.Value is Sentence inner ? (v.Name, inner.In(t)) : v)]];
}

/// <summary>Something that was done, where it is proved, and what an officer wrote with it.</summary>
/// <param name="Number">Of its receipt; null where the sentence is not about one act.</param>
public sealed record Told(Sentence Says, string? Number = null, string? Reason = null);

/// <summary>What the worker can do about it, in one tap or by a page of its own.</summary>
public enum WayKind
{
    Register,
    RegisterAgain,
    TellAddress,

    /// <summary>One tap, with the address that is confirmed and the way for whoever has moved.</summary>
    Confirm,

    /// <summary>The page that asks, where nothing presses.</summary>
    ConfirmPage,
    Answer,
    Appeal,
    UndoDeparture,
    CorrectDeparture,
    AddHelper,
    AddChannel,
}

/// <param name="Why">What it is for: shown with it, so that no sentence speaks of what is not there.</param>
public sealed record Way(WayKind Kind, Sentence? Why = null);

/// <summary>What the home page says, in its order: the standing, the last act, what to do and by when, the ways to do it.</summary>
/// <param name="State">Names the state: the texts' keys, and the sign's frame.</param>
/// <param name="Sign">The drawing that stands for the state (<see cref="Layout.Pictogram"/>).</param>
public sealed record HomeWords(string State, string Sign, Sentence Heading)
{
    /// <summary>Whether it speaks of a case, which has a page of its own.</summary>
    public bool IsOfCase { get; init; }

    public IReadOnlyList<Sentence> Standing { get; init; } = [];

    /// <summary>What the officer wrote who opened the case.</summary>
    public string? Reason { get; init; }

    public IReadOnlyList<Told> Last { get; init; } = [];

    /// <summary>The one sentence in bold, with the one date that counts; null where no date does.</summary>
    public Sentence? ByWhen { get; init; }

    public IReadOnlyList<Sentence> ToDo { get; init; } = [];

    /// <summary>How the date comes about.</summary>
    public IReadOnlyList<Sentence> HowCounted { get; init; } = [];

    /// <summary>The quickest first.</summary>
    public IReadOnlyList<Way> Ways { get; init; } = [];
}
