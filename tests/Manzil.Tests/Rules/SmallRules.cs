using System.Text;
using Manzil.Rules;

namespace Manzil.Tests.Rules;

/// <summary>A small rules file that is right, for tests that make it wrong.</summary>
static class SmallRules
{
    public const string Text = """
        {
          "code": "SMALL",
          "name": { "en": "Small Region", "uz-Latn": "Kichik viloyat" },
          "zone": "Asia/Tashkent",
          "languages": ["en", "uz-Latn"],
          "authority": {
            "name": { "en": "Authority", "uz-Latn": "Idora" },
            "address": { "en": "1 Square", "uz-Latn": "Maydon, 1" },
            "phone": "+998 00 000-00-00"
          },
          "offices": [
            {
              "code": "SM-1",
              "name": { "en": "Centre", "uz-Latn": "Markaz" },
              "address": { "en": "1 Square", "uz-Latn": "Maydon, 1" },
              "phone": "112"
            },
            { "code": "SM-2", "name": { "en": "East", "uz-Latn": "Sharq" }, "address": { "en": "2 Road", "uz-Latn": "Koʻcha, 2" }, "phone": "113" }
          ],
          "grounds": [
            { "code": "GONE", "text": { "en": "Gone for good", "uz-Latn": "Butunlay ketgan" } },
            { "code": "NEVER", "text": { "en": "Never there", "uz-Latn": "Hech qachon yashamagan" } }
          ],
          "intervals": {
            "confirmEveryDays": 30,
            "reminderDaysBefore": [7, 1, 0],
            "reminderFromHour": 9,
            "reminderUntilHour": 20,
            "silenceWorkingDays": 3,
            "answerWorkingDays": 10,
            "appealWorkingDays": 10,
            "authorityStepWorkingDays": 20,
            "authorityAppealWorkingDays": 15,
            "factsMinCharacters": 40,
            "breakerAppeals": 20,
            "breakerPercent": 30,
            "departureWorkingDays": 3,
            "residenceFromMaxDaysPast": 3650,
            "residenceFromMaxDaysAhead": 90,
            "departureMaxDaysPast": 30,
            "departureMaxDaysAhead": 365,
            "activationCodeDays": 30,
            "rememberedPhoneDays": 90,
            "channelCopyDays": 30,
            "lateArrivalHours": 24,
            "outageMinutes": 60,
            "calendarWarningDays": 60,
            "arrivalHoursAhead": 72,
            "arrivalUrgentHoursAhead": 4,
            "arrivalMaxDaysAhead": 90
          },
          "retention": {
            "fileYears": 3,
            "messageDays": 90,
            "lookYears": 3,
            "idempotencyKeyDays": 30,
            "arrivalDays": 90
          },
          "calendar": {
            "weekend": ["friday", "saturday"],
            "from": 2026,
            "to": 2027,
            "years": {
              "2026": { "off": ["2026-01-01", "2026-03-22"], "working": ["2026-01-03"], "short": ["2026-12-31"] }
            },
            "calendarFiles": ["years/2027.xml"]
          }
        }
        """;

    /// <summary>The same rules in another zone, with the weekend on Saturday and Sunday.</summary>
    public static Jurisdiction In(string zone) => Jurisdiction.Parse(
        Encoding.UTF8.GetBytes(Text.Replace("Asia/Tashkent", zone, StringComparison.Ordinal).Replace("\"friday\", \"saturday\"", "\"saturday\", \"sunday\"", StringComparison.Ordinal)),
        "small.json",
        _ => Encoding.UTF8.GetBytes(Year2027));

    public const string Year2027 = """
        <?xml version="1.0" encoding="UTF-8"?>
        <calendar year="2027" lang="en" date="2026.09.30">
            <holidays><holiday id="1" title="New Year"/></holidays>
            <days>
                <day d="01.01" t="1" h="1"/>
                <day d="01.02" t="3"/>
                <day d="12.31" t="2"/>
            </days>
        </calendar>
        """;
}
