using System.Runtime.CompilerServices;

namespace Manzil.Tests.Log;

/// <summary>Where the published test data lies: MANZIL_VECTORS, or ../shared/vectors beside a parent of the repository.</summary>
static class Vectors
{
    public static string Folder(string name)
    {
        if (Find() is { } root)
        {
            return Path.Combine(root, name);
        }

        const string Missing = "The published test data is not here; set MANZIL_VECTORS to its folder.";
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Missing);
        throw new DirectoryNotFoundException(Missing);
    }

    static string? Find([CallerFilePath] string thisFile = "")
    {
        if (Environment.GetEnvironmentVariable("MANZIL_VECTORS") is { Length: > 0 } given)
        {
            return given;
        }

        for (var folder = Path.GetDirectoryName(thisFile); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var vectors = Path.Combine(folder, "shared", "vectors");
            if (Directory.Exists(vectors))
            {
                return vectors;
            }
        }

        return null;
    }
}
