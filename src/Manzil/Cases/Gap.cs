using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Manzil.Register;
using NodaTime;

namespace Manzil.Cases;

/// <summary>The days on which somebody counted as removed: erased where the removal is undone.</summary>
sealed record Gap(string Removal, string From)
{
    /// <summary>
    /// Also where an appeal undid the removal already, and of two removals the first: an appeal only suspends, so that no act yet has said
    /// that nothing is left of it.
    /// </summary>
    public static async Task<Gap?> FindAsync(DbConnection connection, DbTransaction transaction, CaseFile? file) =>
        file is null ? null : await connection.QuerySingleOrDefaultAsync<(string Removal, string From)?>(
            "select act_number, in_effect_on from removal where case_id = @Id order by in_effect_on, act_number limit 1", new { file.Id }, transaction)
            is var (removal, from) ? new Gap(removal, from) : null;
}

static class Gaps
{
    /// <summary>Registered also on the days between.</summary>
    public static ImmutableSortedDictionary<string, string> In(this Gap? gap, ImmutableSortedDictionary<string, string> particulars, LocalDate today) =>
        gap is null ? particulars : particulars.SetItem("removal", gap.Removal).SetItem("registered-also-from", gap.From).SetItem("registered-also-to", IsoDate.Write(today)!);
}
