using Manzil.Receipts;
using Manzil.Rules;
using Microsoft.AspNetCore.Mvc.RazorPages;
using NodaTime;

namespace Manzil.Layout;

/// <summary>Reads a page's <c>date-field</c>; what is wrong is said beside the part that it is about.</summary>
public static class DateFields
{
    /// <param name="missing">The key of what is said where nothing was typed, if not the words for any date.</param>
    /// <returns>Null, with an error beside the field, where there is no such date.</returns>
    public static LocalDate? ReadDate(this PageModel page, string field, DateEntry typed, DateSense sense, Texts texts, string? missing = null)
    {
        var (date, fault) = typed.Read(texts.Lang, sense, TodayOf(page.HttpContext));
        if (fault is null) return date;
        page.ModelState.AddModelError(fault.FieldOf(field), texts[typed.IsEmpty && missing is not null ? missing : fault.Key, fault.Values]);
        return null;
    }

    /// <summary>The same for a birth date, of which a document need not show all.</summary>
    /// <param name="isTicked">True where a day is left out on purpose alone: where what was forgotten would be recorded, or be a finding.</param>
    public static BirthDate? ReadBirthDate(this PageModel page, string field, DateEntry typed, Texts texts, bool isTicked, string? missing = null)
    {
        var (date, fault) = typed.ReadBirth(texts.Lang, TodayOf(page.HttpContext), isTicked);
        if (fault is null) return date;
        page.ModelState.AddModelError(fault.FieldOf(field), texts[typed.IsEmpty && missing is not null ? missing : fault.Key, fault.Values]);
        return null;
    }

    /// <summary>The date where the service is.</summary>
    public static LocalDate TodayOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<Jurisdiction>().DateOf(http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant());
}
