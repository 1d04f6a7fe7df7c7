using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace Manzil.Tests.Databases;

/// <summary>Every statement that a database on PostgreSQL was sent while this listens, as the driver reports it, whoever wrote it and however.</summary>
sealed class ExecutedSql : IDisposable
{
    readonly ConcurrentQueue<string> _statements = new();
    readonly ActivityListener _listener;

    public ExecutedSql(TestDatabase database)
    {
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            SampleUsingParentId = (ref ActivityCreationOptions<string> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TagObjects.Any(t => t.Key is "db.namespace" or "db.name" && Equals(t.Value, name)) && activity.TagObjects.FirstOrDefault(t => t.Key is "db.query.text" or "db.statement").Value is string sql)
                    _statements.Enqueue(sql);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>What was sent since it was asked last.</summary>
    public IReadOnlyList<string> Take()
    {
        var taken = new List<string>();
        while (_statements.TryDequeue(out var one)) taken.Add(one);
        return taken;
    }

    public void Dispose() => _listener.Dispose();
}
