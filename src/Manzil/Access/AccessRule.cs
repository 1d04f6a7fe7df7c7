using Manzil.Helping.Door;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Staff;

namespace Manzil.Access;

/// <summary>Who comes in, and by what they are known.</summary>
public enum Door
{
    /// <summary>Whoever asks.</summary>
    Everybody,

    /// <summary>A signed-in worker; each sees their own.</summary>
    Worker,

    /// <summary>Whom a worker let help, while that access is in force; each sees that one worker, as far as they were let.</summary>
    Helper,

    /// <summary>A signed-in officer of one of the roles named.</summary>
    Staff,

    /// <summary>A worker's program, by the token in its Authorization header and by nothing else.</summary>
    Bearer,

    /// <summary>A gateway that signs what it sends.</summary>
    Gateway,

    /// <summary>A file that is the same for all.</summary>
    File,
}

/// <summary>The access rule of a page or route.</summary>
public sealed record AccessRule(Door Door, IReadOnlyList<StaffRole> Roles)
{
    public static readonly AccessRule Everybody = new(Door.Everybody, []);
    public static readonly AccessRule Worker = new(Door.Worker, []);
    public static readonly AccessRule Helper = new(Door.Helper, []);
    public static readonly AccessRule Bearer = new(Door.Bearer, []);
    public static readonly AccessRule Gateway = new(Door.Gateway, []);
    public static readonly AccessRule File = new(Door.File, []);

    public static AccessRule Staff(params IReadOnlyList<StaffRole> roles) => new(Door.Staff, roles);

    /// <summary>Whether a page is of the kind that asks for what the rule says: the rule and the page's base class must agree.</summary>
    public bool IsKeptBy(Type page) => Door switch
    {
        Door.Everybody => !Is<WorkerPage>(page) && !Is<StaffPage>(page) && !Is<PersonPage>(page) && !Is<HelperPage>(page),
        Door.Worker => Is<WorkerPage>(page) || (Is<PersonPage>(page) && !Is<ServedPage>(page)),
        Door.Helper => Is<HelperPage>(page),
        Door.Staff => Is<StaffPage>(page) || Is<PersonPage>(page),
        _ => false,
    };

    static bool Is<T>(Type page) => typeof(T).IsAssignableFrom(page);
}
