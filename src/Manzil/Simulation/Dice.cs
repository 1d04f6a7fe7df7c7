namespace Manzil.Simulation;

/// <summary>Repeatable dice for the simulation (SplitMix64): guessable on purpose, so that a seed gives the same days again.</summary>
public sealed class Dice(int seed)
{
    ulong _state = unchecked((ulong)seed);

    /// <summary>A whole number from 0 to <paramref name="sides"/> - 1.</summary>
    public int Throw(int sides)
    {
        var z = unchecked(_state += 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return (int)((z ^ (z >> 31)) % (ulong)sides);
    }

    public int Between(int least, int most) => least + Throw(most - least + 1);
}
