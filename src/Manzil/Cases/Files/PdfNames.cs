namespace Manzil.Cases.Files;

/// <summary>
/// How often each name stands in what a page draws, and how long that is (ISO 32000-1, 7.8.2). A drawing refers to others by names
/// alone. A name inside a text is counted too.
/// </summary>
sealed class PdfNames(PdfBudget budget)
{
    const int MaxName = 127;

    readonly char[] _name = new char[MaxName];
    readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    // Of the name that is being read, or -1; what is read of an escape in it, #4A for J.
    int _length = -1, _escape = -1, _half;

    /// <summary>Unpacked.</summary>
    public long Bytes { get; private set; }

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Read(ReadOnlySpan<byte> part)
    {
        Bytes += part.Length;
        while (part.Length > 0)
        {
            if (_length < 0)
            {
                var slash = part.IndexOf((byte)'/');
                if (slash < 0) return;
                (_length, _escape) = (0, -1);
                part = part[(slash + 1)..];
                continue;
            }

            if (PdfText.IsEnd(part[0])) End();
            else Letter(part[0]);
            if (_length >= 0) part = part[1..];
        }
    }

    public void End()
    {
        if (_length >= 0 && _length <= MaxName)
        {
            var lookup = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!lookup.TryGetValue(_name.AsSpan(0, _length), out var count)) budget.Name();
            lookup[_name.AsSpan(0, _length)] = count + 1;
        }

        _length = -1;
    }

    void Letter(byte letter)
    {
        if (_escape >= 0 && char.IsAsciiHexDigit((char)letter))
        {
            if (_escape++ == 0)
            {
                _half = PdfText.Digit(letter);
                Put((char)letter);
                return;
            }

            // Both digits: they and their sign were one letter.
            (_length, _escape) = (_length - 2, -1);
            Put((char)(_half << 4 | PdfText.Digit(letter)));
        }
        else
        {
            _escape = letter == '#' ? 0 : -1;
            Put((char)letter);
        }
    }

    // What is longer names nothing.
    void Put(char letter)
    {
        if (_length < MaxName) _name[_length] = letter;
        _length = Math.Min(_length + 1, MaxName + 4);
    }
}
