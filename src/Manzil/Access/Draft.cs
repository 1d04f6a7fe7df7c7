using System.Text.Encodings.Web;
using System.Text.Json;

namespace Manzil.Access;

/// <summary>What was typed into a form that is not sent yet.</summary>
/// <param name="Fields">As they came, without files, codes and the guard against forged forms.</param>
/// <param name="Errors">What the page said of it, beside which field.</param>
/// <param name="Lang">The language in which it said so.</param>
/// <param name="Status">With which status it was shown.</param>
/// <param name="HadFiles">Files cannot be kept, and have to be chosen again.</param>
public sealed record Draft(IReadOnlyList<DraftField> Fields, IReadOnlyList<DraftField> Errors, string Lang, int Status, bool HadFiles)
{
    // No page reads it as it lies there: letters may stand as they are, and take a third of the room.
    static readonly JsonSerializerOptions json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, json);

    /// <exception cref="JsonException">It is none.</exception>
    public static Draft? Of(byte[] bytes) => JsonSerializer.Deserialize<Draft>(bytes);

    public string? ValueOf(string field) => Fields.FirstOrDefault(f => f.Name == field)?.Value;
}

/// <summary>A field's name and what stands in it, or is said of it.</summary>
public sealed record DraftField(string Name, string Value);
