using Dapper;
using Manzil.Register;

namespace Manzil.Planted;

/// <summary>A reader of issuing states as somebody might plant one in the program, for the test that it is found.</summary>
static class PlantedReader
{
    public const string Sql = "select state, count(*) from document group by state";

    public static async Task<IReadOnlyList<(string State, long Count)>> CountAsync(Database database)
    {
        await using var connection = await database.OpenAsync();
        return [.. await connection.QueryAsync<(string, long)>(Sql)];
    }
}
