using System.Globalization;

namespace Manzil.Layout;

/// <summary>The plural categories of one language, by the rule syntax of Unicode TS #35 part 3 §5.1, for numbers written without an exponent.</summary>
public sealed class PluralRules
{
    readonly (string Category, Condition[][] AnyOfAll)[] rules;

    /// <param name="rules">Category to rule, tried in order; the category with the empty rule takes the rest.</param>
    /// <exception cref="FormatException">A rule is outside the syntax, or none is empty.</exception>
    public PluralRules(IEnumerable<KeyValuePair<string, string>> rules)
    {
        this.rules = [.. rules.Where(r => r.Value.Length > 0).Select(r => (r.Key, Parse(r.Value)))];
        Rest = rules.Single(r => r.Value.Length == 0).Key;
        Categories = [.. this.rules.Select(r => r.Category), Rest];
    }

    public IReadOnlyList<string> Categories { get; }

    string Rest { get; }

    public string Category(long number) => Category(number.ToString(CultureInfo.InvariantCulture));

    /// <param name="number">As it is written, with "." as the decimal mark: "1", "1.0" and "1.50" may differ.</param>
    public string Category(string number)
    {
        var operands = new Operands(number);
        foreach (var (category, anyOfAll) in rules)
        {
            if (anyOfAll.Any(all => all.All(condition => condition.Holds(operands))))
            {
                return category;
            }
        }
        return Rest;
    }

    static Condition[][] Parse(string rule) =>
        [.. rule.Split(" or ").Select(all => all.Split(" and ").Select(Condition.Parse).ToArray())];

    sealed class Operands
    {
        readonly decimal n;
        readonly string fraction;

        public Operands(string number)
        {
            n = Math.Abs(decimal.Parse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
            fraction = number.Contains('.', StringComparison.Ordinal) ? number[(number.IndexOf('.', StringComparison.Ordinal) + 1)..] : "";
        }

        public decimal this[char operand] => operand switch
        {
            'n' => n,
            'i' => decimal.Truncate(n),
            'v' => fraction.Length,
            'w' => fraction.TrimEnd('0').Length,
            'f' => Digits(fraction),
            't' => Digits(fraction.TrimEnd('0')),
            'c' or 'e' => 0,
            _ => throw new FormatException($"\"{operand}\" is not a plural operand."),
        };

        static decimal Digits(string digits) => digits.Length == 0 ? 0 : decimal.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    sealed record Condition(char Operand, decimal Modulus, bool Equal, (decimal From, decimal To)[] Ranges)
    {
        public bool Holds(Operands operands)
        {
            var value = Modulus == 0 ? operands[Operand] : operands[Operand] % Modulus;
            // A range holds whole numbers only: 1.5 is not in 1..2.
            var within = Ranges.Any(r => value >= r.From && value <= r.To && (r.From == r.To || decimal.Truncate(value) == value));
            return within == Equal;
        }

        public static Condition Parse(string text)
        {
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var modulus = words.Length == 5 && words[1] == "%" ? Number(words[2]) : 0;
            if (words.Length is not (3 or 5) || words[0].Length != 1 || (words.Length == 5 && modulus == 0) || words[^2] is not ("=" or "!="))
            {
                throw new FormatException($"\"{text}\" is not a plural condition.");
            }
            return new(words[0][0], modulus, words[^2] == "=", [.. words[^1].Split(',').Select(Range)]);
        }

        static (decimal, decimal) Range(string text)
        {
            var ends = text.Split("..");
            return (Number(ends[0]), Number(ends[^1]));
        }

        static decimal Number(string digits) => decimal.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
