using System.Text.Json;
using NodaTime;

namespace Manzil.Rules;

/// <summary>The layout of a rules file: which members it has, and what each may be. docs/rules-file.md describes the same for people.</summary>
static class RulesFile
{
    const int MaxYears = 150;
    const int LeastWorkingDays = 100;

    static readonly string[] IntervalNames = MemberNames(typeof(Intervals));
    static readonly string[] RetentionNames = MemberNames(typeof(Retention));

    internal static Jurisdiction Read(ReadOnlySpan<byte> utf8, string fileName, Func<string, byte[]>? readCalendarFile)
    {
        if (utf8.Length > Jurisdiction.MaxBytes)
            throw new RulesFormatException(fileName, 1, "the file is larger than 1 MiB");
        var reader = new RulesReader(fileName);
        var root = reader.Members(
            RulesNode.Parse(utf8, fileName),
            "the rules",
            ["code", "name", "zone", "languages", "authority", "offices", "grounds", "intervals", "retention", "calendar"]);
        var languages = ReadLanguages(reader, root["languages"]);
        var authority = reader.Members(root["authority"], "authority", ["name", "address", "phone"]);
        var zone = ReadZone(reader, root["zone"]);
        return new Jurisdiction
        {
            Code = reader.Code(root["code"], "code").Value,
            Name = reader.Local(root["name"], "name", languages),
            Zone = zone,
            Languages = languages,
            Authority = new Authority(
                reader.Local(authority["name"], "authority.name", languages),
                reader.Local(authority["address"], "authority.address", languages),
                reader.Phone(authority["phone"], "authority.phone")),
            Offices = ReadOffices(reader, root["offices"], languages),
            Grounds = ReadGrounds(reader, root["grounds"], languages),
            Intervals = ReadIntervals(reader, root["intervals"]),
            Retention = ReadRetention(reader, root["retention"]),
            Calendar = ReadCalendar(reader, root["calendar"], readCalendarFile).In(zone),
        };
    }

    static IReadOnlyList<string> ReadLanguages(RulesReader reader, RulesNode node)
    {
        var languages = new List<string>();
        foreach (var item in reader.Items(node, "languages", 1, 30))
        {
            var tag = reader.Text(item, "a language");
            if (!IsTag(tag))
                throw reader.Wrong(item.Line, $"{RulesReader.Quote(tag)} is not a language tag such as en, kk or uz-Latn");
            if (languages.Contains(tag))
                throw reader.Wrong(item.Line, $"the language {tag} stands here a second time");
            languages.Add(tag);
        }
        return languages;
    }

    /// <summary>Language, and where needed script and region (RFC 5646 §2.1), in the customary capitals.</summary>
    static bool IsTag(string tag)
    {
        var parts = tag.Split('-');
        var script = parts.Length > 1 && parts[1].Length == 4 ? 1 : 0;
        return parts[0].Length is 2 or 3 && parts[0].All(char.IsAsciiLetterLower)
            && (script == 0 || (char.IsAsciiLetterUpper(parts[1][0]) && parts[1][1..].All(char.IsAsciiLetterLower)))
            && parts.Length <= 2 + script
            && (parts.Length < 2 + script || (parts[1 + script].Length == 2 && parts[1 + script].All(char.IsAsciiLetterUpper)));
    }

    static DateTimeZone ReadZone(RulesReader reader, RulesNode node)
    {
        var id = reader.Text(node, "zone");
        return DateTimeZoneProviders.Tzdb.Ids.Contains(id)
            ? DateTimeZoneProviders.Tzdb[id]
            : throw reader.Wrong(node.Line, $"{RulesReader.Quote(id)} is not a zone of the TZ database, such as Europe/Moscow");
    }

    static IReadOnlyList<Office> ReadOffices(RulesReader reader, RulesNode node, IReadOnlyList<string> languages)
    {
        var offices = new List<Office>();
        foreach (var item in reader.Items(node, "offices", 1, 500))
        {
            var office = reader.Members(item, "an office", ["code", "name", "address", "phone"]);
            var code = reader.Code(office["code"], "an office's code");
            if (offices.Exists(o => o.Code == code))
                throw reader.Wrong(office["code"].Line, $"the office {code} stands here a second time");
            offices.Add(new Office(
                code,
                reader.Local(office["name"], $"the name of {code}", languages),
                reader.Local(office["address"], $"the address of {code}", languages),
                reader.Phone(office["phone"], $"the phone of {code}")));
        }
        return offices;
    }

    static IReadOnlyList<RemovalGround> ReadGrounds(RulesReader reader, RulesNode node, IReadOnlyList<string> languages)
    {
        var grounds = new List<RemovalGround>();
        foreach (var item in reader.Items(node, "grounds", 1, 50))
        {
            var ground = reader.Members(item, "a ground", ["code", "text"]);
            var code = reader.Code(ground["code"], "a ground's code");
            if (grounds.Exists(g => g.Code == code.Value))
                throw reader.Wrong(ground["code"].Line, $"the ground {code} stands here a second time");
            grounds.Add(new RemovalGround(code.Value, reader.Local(ground["text"], $"the text of {code}", languages)));
        }
        return grounds;
    }

    static Intervals ReadIntervals(RulesReader reader, RulesNode node)
    {
        var members = reader.Members(node, "intervals", IntervalNames);
        int Whole(string name, int min, int max) => reader.Whole(members[name], $"intervals.{name}", min, max);

        var confirmEveryDays = Whole("confirmEveryDays", 7, 366);
        var reminders = new List<int>();
        foreach (var item in reader.Items(members["reminderDaysBefore"], "intervals.reminderDaysBefore", 1, 10))
        {
            var days = reader.Whole(item, "each of intervals.reminderDaysBefore", 0, Math.Min(60, confirmEveryDays - 1));
            if (reminders.Count > 0 && days >= reminders[^1])
                throw reader.Wrong(item.Line, "intervals.reminderDaysBefore must fall from one entry to the next, such as 7, 1, 0");
            reminders.Add(days);
        }
        var reminderFromHour = Whole("reminderFromHour", 0, 22);
        var arrivalHoursAhead = Whole("arrivalHoursAhead", 1, 720);
        return new Intervals
        {
            ConfirmEveryDays = confirmEveryDays,
            ReminderDaysBefore = reminders,
            ReminderFromHour = reminderFromHour,
            ReminderUntilHour = Whole("reminderUntilHour", reminderFromHour + 1, 23),
            SilenceWorkingDays = Whole("silenceWorkingDays", 1, 60),
            AnswerWorkingDays = Whole("answerWorkingDays", 5, 120),
            AppealWorkingDays = Whole("appealWorkingDays", 5, 120),
            AuthorityStepWorkingDays = Whole("authorityStepWorkingDays", 1, 120),
            AuthorityAppealWorkingDays = Whole("authorityAppealWorkingDays", 1, 120),
            FactsMinCharacters = Whole("factsMinCharacters", 10, 1000),
            BreakerAppeals = Whole("breakerAppeals", 5, 1000),
            BreakerPercent = Whole("breakerPercent", 1, 100),
            DepartureWorkingDays = Whole("departureWorkingDays", 1, 30),
            ResidenceFromMaxDaysPast = Whole("residenceFromMaxDaysPast", 0, 36525),
            ResidenceFromMaxDaysAhead = Whole("residenceFromMaxDaysAhead", 0, 366),
            DepartureMaxDaysPast = Whole("departureMaxDaysPast", 0, 366),
            DepartureMaxDaysAhead = Whole("departureMaxDaysAhead", 0, 3660),
            ActivationCodeDays = Whole("activationCodeDays", 1, 366),
            RememberedPhoneDays = Whole("rememberedPhoneDays", 1, 366),
            ChannelCopyDays = Whole("channelCopyDays", 0, 366),
            LateArrivalHours = Whole("lateArrivalHours", 1, 168),
            OutageMinutes = Whole("outageMinutes", 1, 1080),
            CalendarWarningDays = Whole("calendarWarningDays", 1, 366),
            ArrivalHoursAhead = arrivalHoursAhead,
            ArrivalUrgentHoursAhead = Whole("arrivalUrgentHoursAhead", 0, arrivalHoursAhead),
            ArrivalMaxDaysAhead = Whole("arrivalMaxDaysAhead", (arrivalHoursAhead / 24) + 1, 366),
        };
    }

    static Retention ReadRetention(RulesReader reader, RulesNode node)
    {
        var members = reader.Members(node, "retention", RetentionNames);
        int Whole(string name, int max) => reader.Whole(members[name], $"retention.{name}", 1, max);

        return new Retention
        {
            FileYears = Whole("fileYears", 75),
            MessageDays = Whole("messageDays", 3660),
            LookYears = Whole("lookYears", 75),
            IdempotencyKeyDays = Whole("idempotencyKeyDays", 366),
            ArrivalDays = Whole("arrivalDays", 3660),
        };
    }

    static string[] MemberNames(Type record) =>
        [.. record.GetProperties().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))];

    static WorkingCalendar ReadCalendar(RulesReader reader, RulesNode node, Func<string, byte[]>? readCalendarFile)
    {
        var members = reader.Members(node, "calendar", ["weekend", "from", "to"], "years", "calendarFiles");
        var weekend = ReadWeekend(reader, members["weekend"]);
        var from = reader.Whole(members["from"], "calendar.from", CalendarYear.Earliest, CalendarYear.Latest);
        var to = reader.Whole(members["to"], "calendar.to", from, Math.Min(CalendarYear.Latest, from + MaxYears - 1));
        var years = new SortedDictionary<int, CalendarYear>();

        void Add(CalendarYear year, int line)
        {
            if (year.Year < from || year.Year > to)
                throw reader.Wrong(line, $"the year {year.Year} lies outside the years {from} to {to} that the calendar says it covers");
            if (!years.TryAdd(year.Year, year))
                throw reader.Wrong(line, $"the year {year.Year} is covered a second time");
            var days = WorkingCalendar.Create(weekend, [year]).WorkingDaysBetween(new LocalDate(year.Year - 1, 12, 31), new LocalDate(year.Year, 12, 31));
            if (days < LeastWorkingDays)
                throw reader.Wrong(line, $"the year {year.Year} has only {days} working days, and must have at least {LeastWorkingDays}");
        }

        if (members.TryGetValue("years", out var written))
            CalendarMembers.ReadYears(reader, written, weekend, Add);
        if (members.TryGetValue("calendarFiles", out var files))
            CalendarMembers.ReadFiles(reader, files, readCalendarFile, Add);
        var missing = Enumerable.Range(from, to - from + 1).Where(y => !years.ContainsKey(y)).ToList();
        return missing.Count == 0
            ? WorkingCalendar.Create(weekend, years.Values)
            : throw reader.Wrong(node.Line, $"the calendar says it covers {from} to {to}, but has nothing for {missing[0]}");
    }

    static IReadOnlySet<IsoDayOfWeek> ReadWeekend(RulesReader reader, RulesNode node)
    {
        var weekend = new HashSet<IsoDayOfWeek>();
        foreach (var item in reader.Items(node, "calendar.weekend", 1, 3))
        {
            var name = reader.Text(item, "a day of calendar.weekend");
            var day = Array.Find(Enum.GetValues<IsoDayOfWeek>(), d => d != IsoDayOfWeek.None && d.ToString().ToLowerInvariant() == name);
            if (day == IsoDayOfWeek.None)
                throw reader.Wrong(item.Line, $"{RulesReader.Quote(name)} is not a day of the week, such as sunday");
            if (!weekend.Add(day))
                throw reader.Wrong(item.Line, $"{name} stands here a second time");
        }
        return weekend;
    }
}
