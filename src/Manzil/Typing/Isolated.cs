using System.Text;

namespace Manzil.Typing;

/// <summary>
/// What somebody typed, within a sentence of ours: what is written from right to left does not pull the words and numbers beside it
/// along. In a page it stands in a bdi besides; here is what SMS, letters and files have of it.
/// </summary>
public static class Isolated
{
    const char First = '\u2068', End = '\u2069';

    /// <summary>The same where nothing in it is written from right to left; an older text's own isolates go, since one of them could end ours.</summary>
    public static string Of(string typed)
    {
        if (!typed.EnumerateRunes().Any(r => Unseen.IsFromTheRight(r) || Unseen.TurnsAround(r) || Unseen.TurnsBack(r))) return typed;
        return First + string.Concat(typed.EnumerateRunes().Where(r => r.Value is < 0x2066 or > 0x2069)) + End;
    }
}
