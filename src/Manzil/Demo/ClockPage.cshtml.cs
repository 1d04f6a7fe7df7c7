using Dapper;
using Manzil.Deadlines;
using Manzil.Layout;
using Manzil.Register;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.Demo;

/// <summary>/demo/clock moves the demo's clock ahead, day by day, so that a visitor sees what the days bring. There is none outside the demo.</summary>
public sealed class ClockPage(Database database, ServiceSettings settings, Jurisdiction rules, IClock clock, Heartbeats heartbeats, Timers timers, Texts texts) : PageModel
{
    public static readonly IReadOnlyList<int> Choices = [1, 7, 30];

    // Daytime, when reminders go out.
    static readonly LocalTime Morning = new(10, 0);
    static readonly SemaphoreSlim One = new(1);

    [BindProperty]
    public int Days { get; set; }

    public string Now => Dates.InWords(clock.GetCurrentInstant(), rules.Zone, texts.Lang);

    public IActionResult OnGet() => settings.Demo ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync()
    {
        if (!settings.Demo || clock is not DemoClock demo) return NotFound();
        if (!Choices.Contains(Days)) return BadRequest();
        await One.WaitAsync();
        try
        {
            for (var i = 0; i < Days; i++) await NextDayAsync(demo);
        }
        finally
        {
            One.Release();
        }

        return Redirect("/demo/clock");
    }

    async Task NextDayAsync(DemoClock demo)
    {
        var now = demo.GetCurrentInstant();
        var day = rules.DateOf(now).PlusDays(1);
        // The calendar of the demo ends in 2040: nobody needs to go there.
        if (day.Year >= rules.Calendar.Years[^1]) return;
        var then = rules.Zone.AtLeniently(day.At(Morning)).ToInstant();
        // Nobody was without the service in hours that never were, and nobody is signed out by them.
        await heartbeats.SkipAsync(day.PlusDays(-1));
        await using (var connection = await database.OpenAsync())
        {
            var by = (long)(then - now).TotalMilliseconds;
            await connection.ExecuteAsync(
                """
                update session set last_used_at = last_used_at + @by, expires_at = expires_at + @by, fresh_until = fresh_until + @by;
                update staff_session set last_used_at = last_used_at + @by, created_at = created_at + @by;
                update activation_code set expires_at = expires_at + @by where used_at is null;
                """,
                new { by });
        }

        demo.MoveTo(then);
        await timers.StepAsync();
    }
}
