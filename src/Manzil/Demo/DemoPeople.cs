using System.Text.Json;
using Dapper;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Rules;
using Manzil.SignIn;
using NodaTime;

namespace Manzil.Demo;

/// <summary>Invented people for the demo, enrolled by the real act; their activation codes are made anew at each start.</summary>
static class DemoPeople
{
    static readonly (string Card, string Name, string State, string Document, LocalDate Born, string Language, string? Phone, string? Email)[] People =
    [
        ("FC1000017", "Aziz Rahimov", "UZB", "AA1234567", new(1990, 5, 17), "en", "+70000000001", "aziz@example.org"),
        ("FC1000025", "Gulnora Karimova", "UZB", "AB7654321", new(1987, 11, 2), "ru", "+70000000002", null),
        ("FC1000033", "Farrukh Sharipov", "TJK", "400123456", new(1995, 1, 30), "ru", "+70000000003", "farrukh@example.org"),
        ("FC1000041", "Aigul Nurlanova", "KAZ", "N12345678", new(1992, 8, 9), "kk", "+70000000004", "aigul@example.org"),
        ("FC1000058", "Bakyt Toktogulov", "KGZ", "AC3344556", new(1979, 3, 21), "ru", "+70000000005", null),
        ("FC1000066", "Anahit Petrosyan", "ARM", "AT0099887", new(1984, 12, 24), "en", "+70000000006", "anahit@example.org"),
        ("FC1000074", "Elchin Mammadov", "AZE", "C01928374", new(1998, 6, 6), "en", "+70000000007", null),
        ("FC1000082", "Ion Rusu", "MDA", "B55667788", new(1975, 9, 13), "ru", "+70000000008", "ion@example.org"),
        ("FC1000090", "Nino Beridze", "GEO", "18AB12345", new(1993, 4, 4), "en", null, "nino@example.org"),
        ("FC1000108", "Oksana Kovalenko", "UKR", "FE112233", new(1989, 7, 28), "ru", "+70000000010", null),
        ("FC1000116", "Dilshod Yusupov", "UZB", "AD1029384", new(2001, 2, 12), "en", null, null),
        ("FC1000124", "Saule Akhmetova", "KAZ", "N87654321", new(1996, 10, 15), "kk", "+70000000012", null),
    ];

    /// <summary>Before anything is served: whoever finds the demo ready finds its people, too.</summary>
    /// <returns>What to say once it is served.</returns>
    public static async Task<string> PrepareAsync(Core core, IClock clock, DemoSignIn links)
    {
        var credentials = new List<object>();
        for (var i = 0; i < People.Length; i++)
        {
            var p = People[i];
            var document = new IdentityDocument(p.State, p.Document, p.Born);
            var code = await EnrolledCodeAsync(core, p.Card, clock.GetCurrentInstant());
            if (code is null)
            {
                var office = core.Rules.Offices[i % core.Rules.Offices.Count].Code.Value;
                var act = new Enrol(new Enrolment(p.Card, p.Name, document, office, p.Language, p.Phone, p.Email), core.Rules)
                {
                    ReceivedAt = clock.GetCurrentInstant(),
                    Channel = RecordChannel.Operator,
                };
                if (await core.Writer.SubmitAsync(act) is ActResult.Unavailable unavailable) throw new CommandLineException(unavailable.Sentence, 1);
                code = act.ActivationCode;
            }

            credentials.Add(new { cardNumber = p.Card, birthDate = IsoDate.Write(p.Born), activationCode = code, document = document.ToString() });
        }

        var file = Path.Combine(core.Folder.Folder, "demo-credentials.json");
        var staff = await DemoStaff.PrepareAsync(core, clock, links);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true };
        var json = JsonSerializer.Serialize(new { workers = credentials, staff }, options);
        DataFolder.WriteOver(file, json + "\n");
        var caseworker = staff.First(s => s.Role == StaffRole.Caseworker.Name());
        return $"""

            Manzil, demo: invented people in an invented region. Open

                {core.Issuer}

            and sign in with

                card number       {People[0].Card}
                birth date        {Layout.Dates.InWords(People[0].Born, "en")}
                activation code   {((dynamic)credentials[0]).activationCode}

            To work on cases, open as the caseworker {caseworker.Name}

                {caseworker.SignInUrl}

            and then the queue at {core.Issuer}/staff/cases.

            Codes and links work once; {credentials.Count} people and {staff.Count} officers with theirs stand in {file}.
            Messages that would be sent are shown at {core.Issuer}/demo/messages;
            {core.Issuer}/demo/clock moves the clock ahead by days. Stop with Ctrl+C.

            """;
    }

    /// <summary>A new code for a person enrolled at an earlier start; null where they are not enrolled yet.</summary>
    static async Task<string?> EnrolledCodeAsync(Core core, string card, Instant now)
    {
        await using var connection = await core.Database.OpenAsync();
        var worker = await connection.QuerySingleOrDefaultAsync<long?>("select id from worker where card_number = @card", new { card });
        return worker is { } id
            ? await ActivationCodes.IssueAsync(connection, null, id, now + Duration.FromDays(core.Rules.Intervals.ActivationCodeDays), new KeyedCodes(core.Installation))
            : null;
    }
}
