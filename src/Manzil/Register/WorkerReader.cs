namespace Manzil.Register;

/// <summary>A worker as the database has them now, for pages: what the writer remembers may be another node's yesterday.</summary>
public sealed class WorkerReader(Database database)
{
    public async Task<Worker?> FindAsync(long id)
    {
        await using var connection = await database.OpenAsync();
        return (await Worker.LoadAsync(connection, null, [id])).GetValueOrDefault(id);
    }
}
