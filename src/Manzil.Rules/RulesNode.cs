using System.Text.Json;

namespace Manzil.Rules;

/// <summary>A value of a rules file that knows its line. System.Text.Json's own trees keep no lines and let a member come twice.</summary>
sealed class RulesNode
{
    const int MaxDepth = 12;

    RulesNode(JsonTokenType kind, int line)
    {
        Kind = kind;
        Line = line;
    }

    internal JsonTokenType Kind { get; }

    internal int Line { get; }

    internal string Text { get; private init; } = "";

    /// <summary>The number, where it is whole and fits.</summary>
    internal int? Whole { get; private init; }

    internal List<RulesNode> Items { get; } = [];

    internal List<(string Name, int Line, RulesNode Value)> Members { get; } = [];

    internal static RulesNode Parse(ReadOnlySpan<byte> utf8, string fileName)
    {
        Utf8Text.Check(utf8, line => new RulesFormatException(fileName, line, "the text is not UTF-8"));
        var pass = new Pass(Utf8Text.WithoutMark(utf8), fileName);
        try
        {
            return pass.ReadAll();
        }
        catch (JsonException e)
        {
            throw new RulesFormatException(fileName, (int)Math.Min(e.LineNumber ?? 0, int.MaxValue - 1) + 1, Plain(e));
        }
    }

    /// <summary>The parser's own words without its coordinates, which count lines from 0.</summary>
    static string Plain(JsonException e)
    {
        var words = e.Message.AsSpan();
        var coordinates = words.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (coordinates >= 0)
            words = words[..coordinates];
        var said = new string([.. words.TrimEnd('.').ToArray().Where(c => !char.IsControl(c))]);
        return $"this is not JSON, perhaps because a comma, a quotation mark or a bracket is missing or is one too many (the parser says: {said})";
    }

    ref struct Pass
    {
        readonly ReadOnlySpan<byte> utf8;
        readonly string fileName;
        Utf8JsonReader reader;
        int countedTo;
        int line;

        internal Pass(ReadOnlySpan<byte> utf8, string fileName)
        {
            this.utf8 = utf8;
            this.fileName = fileName;
            reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            line = 1;
        }

        internal RulesNode ReadAll()
        {
            Next();
            var root = ReadValue();
            reader.Read();
            return root;
        }

        RulesNode ReadValue()
        {
            var node = new RulesNode(reader.TokenType, line)
            {
                Text = reader.TokenType == JsonTokenType.String ? Unescape() : "",
                Whole = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var whole) ? whole : null,
            };
            if (node.Kind == JsonTokenType.StartArray)
            {
                while (Next() != JsonTokenType.EndArray)
                    node.Items.Add(ReadValue());
            }
            else if (node.Kind == JsonTokenType.StartObject)
            {
                var names = new HashSet<string>(StringComparer.Ordinal);
                while (Next() != JsonTokenType.EndObject)
                {
                    var (name, nameLine) = (Unescape(), line);
                    if (!names.Add(name))
                        throw new RulesFormatException(fileName, line, $"{RulesReader.Quote(name)} stands here a second time");
                    Next();
                    node.Members.Add((name, nameLine, ReadValue()));
                }
            }
            return node;
        }

        JsonTokenType Next()
        {
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            line += utf8[countedTo..start].Count((byte)'\n');
            countedTo = start;
            return reader.TokenType;
        }

        string Unescape()
        {
            try
            {
                return reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                throw new RulesFormatException(fileName, line, "a \\u escape stands for half a character");
            }
        }
    }
}
