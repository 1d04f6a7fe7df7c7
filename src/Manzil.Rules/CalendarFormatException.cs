using System.Globalization;

namespace Manzil.Rules;

/// <summary>A calendar file is not what it should be. The message is one plain sentence that names the file, the line and the reason.</summary>
public sealed class CalendarFormatException : Exception
{
    /// <summary>Says what is wrong with a calendar file, and where.</summary>
    /// <param name="fileName">The file as the reader knows it.</param>
    /// <param name="line">The line, counted from 1; 0 when the file could not be read at all.</param>
    /// <param name="reason">What is wrong, as a clause without a full stop.</param>
    public CalendarFormatException(string fileName, int line, string reason)
        : base(line == 0
            ? $"The calendar file {fileName} cannot be used: {reason}."
            : string.Create(CultureInfo.InvariantCulture, $"In {fileName} on line {line}: {reason}."))
    {
        FileName = fileName;
        Line = line;
        Reason = reason;
    }

    /// <summary>The file as the reader knows it.</summary>
    public string FileName { get; }

    /// <summary>The line, counted from 1; 0 when the file could not be read at all.</summary>
    public int Line { get; }

    /// <summary>What is wrong, as a clause without a full stop.</summary>
    public string Reason { get; }
}
