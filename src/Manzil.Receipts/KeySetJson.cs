using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace Manzil.Receipts;

/// <summary>keys.json, both ways. Members that are not known are ignored, as RFC 7517 section 4 asks of JWKs.</summary>
static class KeySetJson
{
    static readonly JsonDocumentOptions ReadOptions = new() { MaxDepth = 8, AllowDuplicateProperties = false };
    // Without it the plus signs of the vkeys would be written as escapes. Nothing here goes into HTML.
    static readonly JsonWriterOptions WriteOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static KeySet Parse(ReadOnlyMemory<byte> json, Instant? asOf)
    {
        if (json.Length > KeySet.MaxBytes)
        {
            throw new ReceiptFormatException($"The key set is longer than {KeySet.MaxBytes} bytes.");
        }
        try
        {
            using var document = JsonDocument.Parse(WithoutMark(json), ReadOptions);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new ReceiptFormatException("The key set is not a JSON object.");
            }
            var keys = Items(root, "keys").Where(IsOfStatements).Select(ReadKey).ToList();
            var logs = Items(root, "logs").Where(log => NoteVerifier.IsOfKnownType(Required(Object(log, "log"), "vkey"))).Select(ReadLog).ToList();
            var witnesses = Items(root, "witnesses").Select(witness => Text(witness, "witness")).Where(NoteVerifier.IsOfKnownType).Select(NoteVerifier.Parse).ToList();
            var set = new KeySet(keys, logs, witnesses) { AsOf = asOf };
            return Required(root, "log") == set.Log.Key.ToString()
                ? set
                : throw new ReceiptFormatException("The key set's log is not the one that is open.");
        }
        // A text with half a surrogate pair is found only when it is read: GetString then throws InvalidOperationException.
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new ReceiptFormatException("The key set is not well-formed JSON.", wrong);
        }
    }

    // Editors and shells put a byte-order mark before what they save, and some save UTF-16.
    static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) => json.Span switch
    {
        [0xEF, 0xBB, 0xBF, ..] => json[3..],
        [0xFF, 0xFE, ..] => Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(json.Span[2..])),
        [0xFE, 0xFF, ..] => Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(json.Span[2..])),
        _ => json,
    };

    internal static byte[] Write(KeySet set)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, WriteOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys");
            foreach (var key in set.Keys)
            {
                WriteKey(json, key);
            }
            json.WriteEndArray();
            json.WriteString("log", set.Log.Key.ToString());
            json.WriteStartArray("logs");
            foreach (var log in set.Logs)
            {
                WriteLog(json, log);
            }
            json.WriteEndArray();
            json.WriteStartArray("witnesses");
            foreach (var witness in set.Witnesses)
            {
                json.WriteStringValue(witness.ToString());
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    static void WriteKey(Utf8JsonWriter json, PublishedKey key)
    {
        json.WriteStartObject();
        json.WriteString("kty", "EC");
        json.WriteString("crv", "P-256");
        json.WriteString("x", key.Key.X);
        json.WriteString("y", key.Key.Y);
        json.WriteString("kid", key.Key.Kid);
        json.WriteString("alg", "ES256");
        json.WriteString("use", "sig");
        WriteTime(json, "from", key.From);
        WriteTime(json, "until", key.Until);
        WriteTime(json, "revoked", key.Revoked);
        json.WriteEndObject();
    }

    static void WriteLog(Utf8JsonWriter json, PublishedLog log)
    {
        json.WriteStartObject();
        json.WriteString("vkey", log.Key.ToString());
        WriteTime(json, "from", log.From);
        WriteTime(json, "until", log.Until);
        if (log.LastCheckpoint is not null)
        {
            json.WriteString("lastCheckpoint", log.LastCheckpoint);
        }
        json.WriteEndObject();
    }

    static void WriteTime(Utf8JsonWriter json, string name, Instant? time)
    {
        if (time is { } value)
        {
            json.WriteString(name, InstantPattern.General.Format(value));
        }
    }

    static PublishedKey ReadKey(JsonElement jwk)
    {
        if (jwk.TryGetProperty("d", out _))
        {
            throw new ReceiptFormatException("The key set holds a private key.");
        }
        if (Required(jwk, "kty") != "EC" || Required(jwk, "crv") != "P-256")
        {
            throw new ReceiptFormatException("An ES256 key of the key set is not a P-256 key for signatures.");
        }
        var key = StatementKey.FromPoint(Bytes(jwk, "x"), Bytes(jwk, "y"));
        return Required(jwk, "kid") == key.Kid
            ? new(key, Time(jwk, "from") ?? throw Missing("from"), Time(jwk, "until"), Time(jwk, "revoked"))
            : throw new ReceiptFormatException("A key's kid is not the first 8 bytes of the SHA-256 of its SPKI.");
    }

    static PublishedLog ReadLog(JsonElement element)
    {
        var log = Object(element, "log");
        return new(
            NoteVerifier.Parse(Required(log, "vkey")),
            Time(log, "from") ?? throw Missing("from"),
            Time(log, "until"),
            log.TryGetProperty("lastCheckpoint", out var last) ? Text(last, "lastCheckpoint") : null);
    }

    // A key of another algorithm or for another use, which a later version lists, takes nothing from the keys that are known.
    static bool IsOfStatements(JsonElement jwk) => Is(Object(jwk, "key"), "alg", "ES256") && Is(jwk, "use", "sig");

    static bool Is(JsonElement jwk, string name, string value) => jwk.TryGetProperty(name, out var member) && Text(member, name) == value;

    static IEnumerable<JsonElement> Items(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var array) || array.ValueKind != JsonValueKind.Array)
        {
            throw Missing(name);
        }
        return array.GetArrayLength() <= KeySet.MaxEntries
            ? array.EnumerateArray()
            : throw new ReceiptFormatException($"The key set has more than {KeySet.MaxEntries} entries in {name}.");
    }

    static JsonElement Object(JsonElement element, string what) => element.ValueKind == JsonValueKind.Object
        ? element
        : throw new ReceiptFormatException($"A {what} of the key set is not an object.");

    static string Required(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) ? Text(member, name) : throw Missing(name);

    static string Text(JsonElement member, string name) => member.ValueKind == JsonValueKind.String
        ? member.GetString()!
        : throw new ReceiptFormatException($"The key set's {name} is not a text.");

    static byte[] Bytes(JsonElement jwk, string name)
    {
        var text = Required(jwk, name);
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            return Base64Url.EncodeToString(bytes) == text ? bytes : throw new ReceiptFormatException($"The key set's {name} is not base64url.");
        }
        catch (FormatException wrong)
        {
            throw new ReceiptFormatException($"The key set's {name} is not base64url.", wrong);
        }
    }

    static Instant? Time(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var member))
        {
            return null;
        }
        return InstantPattern.General.Parse(Text(member, name)) is { Success: true } time
            ? time.Value
            : throw new ReceiptFormatException($"The key set's {name} is not a time such as 2026-01-01T00:00:00Z.");
    }

    static ReceiptFormatException Missing(string name) => new($"The key set has no {name}, or not of the right type.");
}
