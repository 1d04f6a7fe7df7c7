using Dapper;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using NodaTime;
using Browser = Manzil.Tests.Notices.Visitor;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Access;

/// <summary>privacy.md 16: whoever was looked at sees every look: whoever looked, at whatever, for whatever reason, a moment or years ago.</summary>
public class LooksShownTests
{
    [Theory, EachDatabase]
    public async Task Looks_ByEveryRoleAtEverythingOfEveryAge_AreAllShownToThePersonAndToNobodyElse(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (worker, other) = (await SignedInWorker.NewAsync(service), await SignedInWorker.NewAsync(service));
        var now = service.Clock.GetCurrentInstant();
        // Of an officer's look its reason; a helper's has none but that the worker asked for help, so it is known by their name.
        var marks = new List<string>();
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            async Task LookedAsync(string? number, string? role, string? office, string what, Duration age)
            {
                marks.Add($"mark {marks.Count:D3} of many");
                await connection.ExecuteAsync(
                    "insert into look (worker_id, staff_number, role, office, helper, what, item, reason, looked_at, keep_until) values (@Id, @number, @role, @office, @helper, @what, @item, @reason, @at, @until)",
                    new { worker.Worker.Id, number, role, office, helper = number is null ? marks[^1] : null, what, item = what is Looks.Document ? "1" : null, reason = number is null ? "asked for help" : marks[^1], at = (now - age).ToUnixTimeMilliseconds(), until = (now + Duration.FromDays(1096)).ToUnixTimeMilliseconds() });
            }

            string[] whats = [Looks.File, Looks.Document, Looks.Answer, Looks.Search, Looks.Reach, Looks.Desk];
            foreach (var role in StaffRoles.All)
            {
                var staff = (await service.StaffAsync(role)).Staff;
                foreach (var what in whats) await LookedAsync(staff.Number, role.Name(), staff.Office, what, Duration.Zero);
            }

            foreach (var what in whats) await LookedAsync(null, null, null, what, Duration.FromMinutes(1));
            foreach (var days in (int[])[0, 1, 2, 6, 29, 31, 90, 364, 366, 1090]) await LookedAsync(null, null, null, Looks.File, Duration.FromDays(days) + Duration.FromMinutes(2));
        }

        Assert.True(marks.Count > 50, $"{marks.Count} looks");
        var seen = await Browser.SignInAsync(service, worker.Worker);
        await seen.GetAsync("/looks");
        Assert.Empty(marks.Where(m => !seen.Text.Contains(m, StringComparison.Ordinal)));
        var not = await Browser.SignInAsync(service, other.Worker);
        Assert.DoesNotContain("of many", (await not.GetAsync("/looks")).Text, StringComparison.Ordinal);
    }
}
