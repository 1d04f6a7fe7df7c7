using System.Globalization;
using Manzil.Register;
using NodaTime;

namespace Manzil.Demo;

/// <summary>The demo's clock: the machine's, moved ahead by a visitor. It is kept beside the database, which would not write with a clock set back.</summary>
public sealed class DemoClock : IClock
{
    /// <summary>In the data folder.</summary>
    public const string FileName = "demo-clock";

    readonly IClock _machine;
    readonly string _file;
    long _aheadSeconds;

    public DemoClock(IClock machine, string dataFolder)
    {
        _machine = machine;
        _file = Path.Combine(dataFolder, FileName);
        if (File.Exists(_file) && long.TryParse(File.ReadAllText(_file), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) _aheadSeconds = seconds;
    }

    public Instant GetCurrentInstant() => _machine.GetCurrentInstant() + Duration.FromSeconds(Interlocked.Read(ref _aheadSeconds));

    /// <summary>Moves ahead, never back.</summary>
    public void MoveTo(Instant then)
    {
        var ahead = (long)Math.Ceiling((then - _machine.GetCurrentInstant()).TotalSeconds);
        if (ahead <= Interlocked.Read(ref _aheadSeconds)) return;
        DataFolder.WriteOver(_file, ahead.ToString(CultureInfo.InvariantCulture));
        Interlocked.Exchange(ref _aheadSeconds, ahead);
    }
}
