using System.Data.Common;
using Dapper;

namespace Manzil.Tests.Faults;

/// <summary>Holds the row that every act moves, so that acts wait, until it is disposed of; what it did itself counts from then.</summary>
sealed class HeldWriter : IAsyncDisposable
{
    readonly DbConnection _connection;
    readonly DbTransaction _transaction;

    HeldWriter(DbConnection connection, DbTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public static async Task<HeldWriter> BeginAsync(TestService service)
    {
        var connection = await service.Core.Database.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        // A write that changes nothing is a lock on both engines.
        await connection.ExecuteAsync("update log_head set size = size where id = 1", transaction: transaction);
        return new HeldWriter(connection, transaction);
    }

    public static async Task UntilWaitingAsync(TestService service, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (service.Core.Writer.Waiting < count)
        {
            Assert.False(patience.IsCancellationRequested, $"{count} acts wait");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public Task ExecuteAsync(string sql, object values) => _connection.ExecuteAsync(sql, values, _transaction);

    public async ValueTask DisposeAsync()
    {
        await _transaction.CommitAsync();
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
