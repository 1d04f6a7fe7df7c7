namespace Manzil.Tests;

/// <summary>Tests that ask how much memory is kept. It is counted for the whole process, so no other test runs beside them.</summary>
[CollectionDefinition(nameof(KeptMemory), DisableParallelization = true)]
public sealed class KeptMemory
{
    /// <summary>Bytes that are still held when everything that can be freed is freed.</summary>
    public static long Bytes => GC.GetTotalMemory(forceFullCollection: true);
}
