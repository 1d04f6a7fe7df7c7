namespace Manzil.Register;

/// <summary>A worker as the database has them now: what the writer remembers may be another node's yesterday.</summary>
public sealed class WorkerReader(Database database)
{
    readonly GatheredLookup<long, Worker> _workers = new(database, (connection, ids) => Worker.LoadAsync(connection, null, ids));

    public Task<Worker?> FindAsync(long id) => _workers.FindAsync(id);
}
