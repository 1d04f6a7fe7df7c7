using Manzil.Layout;
using Manzil.Register;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using NodaTime;

namespace Manzil.SignIn;

/// <summary>The passkeys of workers.</summary>
public sealed class Passkeys(PasskeyStore<Worker> store, IPasskeyHandler<Worker> handler, Database database, ServiceFacts facts, IDataProtectionProvider protection, IClock clock)
    : PasskeyCeremonies<Worker>(store, handler, database, facts, protection, clock);

public sealed class WorkerPasskeyStore(Database database, WorkerReader workers) : PasskeyStore<Worker>(database)
{
    internal override string Table => "passkey";

    internal override string Owner => "worker_id";

    internal override string Prefix => "";

    internal override long IdOf(Worker person) => person.Id;

    internal override (string Account, string Name) NamesOf(Worker person) => (person.CardNumber, person.Name);

    protected override async Task<Worker?> FindAsync(long id, CancellationToken cancellation) => await workers.FindAsync(id);
}
