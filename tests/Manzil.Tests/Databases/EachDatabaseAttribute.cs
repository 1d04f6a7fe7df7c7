using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Manzil.Tests.Databases;

// The theory runs once on each database, the arguments given here following the kind:
//   [Theory, EachDatabase]                      void Test(DatabaseKind kind)
//   [Theory, EachDatabase("a"), EachDatabase("b")]   void Test(DatabaseKind kind, string text)
// A database that is not installed shows as skipped, never as passed, and in CI it fails.
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class EachDatabaseAttribute(params object?[] arguments) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<DatabaseKind>().Select(kind => new TheoryDataRow([kind, .. arguments])
        {
            Skip = kind == DatabaseKind.Postgres && !PostgresServer.IsInstalled && !PostgresServer.MustBeInstalled
                ? PostgresServer.NotInstalled
                : null,
        })]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
