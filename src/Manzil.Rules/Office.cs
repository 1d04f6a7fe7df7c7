namespace Manzil.Rules;

/// <summary>A centre at which workers are registered, as the rules file names it.</summary>
/// <param name="Code">Its code, unique in the rules file; statements carry it.</param>
/// <param name="Name">Its name in each language.</param>
/// <param name="Address">Its postal address in each language.</param>
/// <param name="Phone">Its telephone number, as people write it.</param>
public sealed record Office(OfficeCode Code, LocalText Name, LocalText Address, string Phone);

/// <summary>The migration authority whose rules these are, for pages that say whom to ask.</summary>
/// <param name="Name">Its name in each language.</param>
/// <param name="Address">Its postal address in each language.</param>
/// <param name="Phone">Its telephone number, as people write it.</param>
public sealed record Authority(LocalText Name, LocalText Address, string Phone);

/// <summary>A ground on which removal may be proposed, as the rules file names it (rules.md, A case).</summary>
/// <param name="Code">Its code, unique in the rules file, of the form of an office's.</param>
/// <param name="Text">What it says, in each language.</param>
public sealed record RemovalGround(string Code, LocalText Text);
