using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Manzil.Tests.Gates;

/// <summary>What every meter of this process measures while it listens, as an operator's collector would have it: names, tags and whole numbers.</summary>
sealed class Measurements : IDisposable
{
    readonly ConcurrentDictionary<string, byte> _lines = new(StringComparer.Ordinal);
    readonly MeterListener _listener = new();

    public Measurements()
    {
        _listener.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        Note<byte>();
        Note<short>();
        Note<int>();
        Note<long>();
        Note<float>();
        Note<double>();
        Note<decimal>();
        _listener.Start();
    }

    public IEnumerable<string> Lines
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _lines.Keys;
        }
    }

    public void Dispose() => _listener.Dispose();

    void Note<T>()
        where T : struct => _listener.SetMeasurementEventCallback<T>((instrument, value, tags, _) =>
    {
        var line = $"{instrument.Meter.Name}/{instrument.Name} {instrument.Description}";
        foreach (var tag in instrument.Meter.Tags ?? []) line += $" {tag.Key}={tag.Value}";
        foreach (var tag in tags) line += $" {tag.Key}={tag.Value}";
        // Times and shares are fractions, and have as many digits as chance gives them.
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        if (number == Math.Floor(number)) line += " " + Convert.ToDecimal(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        _lines[line] = 0;
    });
}
