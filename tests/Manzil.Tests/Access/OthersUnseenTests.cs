using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Manzil.Access;
using Manzil.Deadlines;
using Manzil.Privacy;
using Manzil.Rules;
using Manzil.Tests.Cases.Desk;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Browser = Manzil.Tests.Notices.Visitor;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Access;

/// <summary>
/// privacy.md 7 and 16, whatever a page makes of people: with everything that tells who somebody is changed in the database, whoever has
/// no look at them is answered the same, byte for byte. A list, a count by letters, a fingerprint or an order by name is none of that.
/// </summary>
public partial class OthersUnseenTests
{
    /// <summary>What tells who somebody is, or what they said; of everybody whom the reader may not see it is turned into something else.</summary>
    static readonly string[] tells =
    [
        "worker.card_number", "worker.name", "worker.language", "document.state", "document.number", "document.birth_date", "document.stretched", "channel.address",
        "act.statement", "act.record", "message.address", "message.language", "message.subject", "message.body", "look.reason", "look.helper", "case_file.reason",
        "attachment.name", "attachment.media_type", "attachment.content", "helper_grant.name", "passkey.data",
    ];

    // What is read is the same on both databases; SQLite's is altered more easily.
    [Fact]
    public async Task Get_ByEverybodyWithoutALook_IsTheSameWhoeverThePeopleAre()
    {
        await using var story = await DeskStory.NewAsync(DatabaseKind.Sqlite);
        var service = story.Service;
        var opener = await story.OfficerAsync(StaffRole.Caseworker);
        await story.OpenAsync(opener);
        await story.AnswerAsync("I do live there.", DeskStory.Picture());
        for (var i = 0; i < 3; i++)
        {
            var other = await SignedInWorker.NewAsync(service);
            await other.GiveAsync("""{"kind":"registration"}""");
            await other.GiveAsync($$"""{"kind":"residence","from":"<today>","address":{{SignedInWorker.HomeAddress}}}""");
            if (i == 0) continue;
            await story.ExecuteAsync("update register_entry set reminded = @waits where worker_id = @Id", new { waits = Reminded.ToBeReached, other.Worker.Id });
        }

        var routes = (await Routes.AllAsync(service)).Where(r => r is { Method: "GET", Handler: null } && r.Pattern != "/error").ToList();
        // In each role one who has opened nothing, and one who has the first worker before them.
        var asks = new List<(string Path, Browser Web, bool SeesOwner)>();
        foreach (var role in StaffRoles.All)
        {
            var (without, with) = (await story.OfficerAsync(role), await story.OfficerAsync(role));
            var look = 0L;
            if (role == StaffRole.Clerk) look = await SearchAsync(story, with, "/staff/desk/serve");
            if (role == StaffRole.Caseworker) look = await SearchAsync(story, with, "/staff/search");
            if (role is StaffRole.Caseworker or StaffRole.Reviewer) await story.OpenFileAsync(with);
            foreach (var path in routes.Where(r => r.Rule?.Door is Door.Staff && r.Rule.Roles.Contains(role)).SelectMany(r => Filled(story, r, look)).Distinct())
            {
                asks.Add((path, without.Web, false));
                asks.Add((path, with.Web, true));
            }
        }

        var nobody = new Browser(service, "", "en");
        asks.AddRange(routes.Where(r => r.Rule?.Door is Door.Everybody or Door.Gateway && !r.HasParameter).Select(r => (r.Pattern, nobody, false)));
        var owner = await Browser.SignInAsync(service, story.Worker.Worker);
        asks.AddRange(routes.Where(r => r.Rule?.Door == Door.Worker && !r.HasParameter && r.Pattern != "/account/export").Select(r => (r.Pattern, owner, true)));
        // Asked once beforehand: what only the first opening does, is done. A helper's reading leaves a look each time, and RouteMatrixTests counts it.
        foreach (var (path, web, _) in asks) await AnswerAsync(web, path);
        var looked = await LooksAsync(story);
        var before = new List<string>();
        foreach (var (path, web, _) in asks) before.Add(await AnswerAsync(web, path));
        // Whoever is shown somebody here had given a reason before.
        Assert.Equal(looked, await LooksAsync(story));
        Assert.True(before.Count > 150, $"{before.Count} pages");

        var changed = new HashSet<string>();
        async Task CompareAsync(bool ownerToo)
        {
            await service.RestartAsync(async () =>
            {
                await using var connection = await service.Database.OpenAsync();
                changed.UnionWith(await ChangeAsync(connection, ownerToo ? 0 : story.Worker.Worker.Id));
            });
            for (var i = 0; i < asks.Count; i++)
            {
                var (path, web, seesOwner) = asks[i];
                if (ownerToo && seesOwner) continue;
                var after = await AnswerAsync(web, path);
                Assert.True(before[i] == after, $"{path}{(seesOwner ? " with the first worker opened" : "")} changes with who the others are:\n{Difference(before[i], after)}");
            }
        }

        await CompareAsync(ownerToo: false);
        await CompareAsync(ownerToo: true);
        Assert.Empty(tells.Except(changed).Except(["look.helper", "passkey.data", "helper_grant.name"]));
    }

    // A further text or bytes about a person is looked at here, or is no more than an order, a kind, a date or a key.
    [Fact]
    public void Tells_EveryTextAboutAPerson_IsOnOneOfTheLists()
    {
        var told = Inventory.Tables.Where(t => t.Owned is not null && t.Keeping is not (Keeping.Day or Keeping.AfterEnd or Keeping.UntilEnd))
            .SelectMany(t => t.Columns.Where(c => c.IsPersonal).Select(c => $"{t.Name}.{c.Name}")).ToList();
        Assert.Empty(tells.Except(told));
        Assert.Empty(told.Except(tells).Where(c => !Neutral().IsMatch(c)));
    }

    static async Task<IReadOnlyList<string>> LooksAsync(DeskStory story)
    {
        await using var connection = await story.Service.Core.Database.OpenAsync();
        return [.. await connection.QueryAsync<string>("select staff_number || what from look order by id")];
    }

    static async Task<long> SearchAsync(DeskStory story, Cases.Desk.Officer by, string page)
    {
        await by.Web.GetAsync(page);
        await by.Web.PostAsync(("Kind", "card"), ("Exact", story.Worker.Worker.CardNumber), ("Reason", "Came in person."));
        return long.Parse(by.Web.Path.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }

    static IEnumerable<string> Filled(DeskStory story, Asked route, long look)
    {
        string[] slugs = route.Pattern.Contains("{slug", StringComparison.Ordinal) ? ["keep", "propose", "agree", "disagree", "put-in-effect", "decide-for", "decide-against", "reinstate"] : [""];
        var pattern = Regex.Replace(route.Pattern, @"\{slug.*\}$", "{slug}", RegexOptions.None, TimeSpan.FromSeconds(5));
        foreach (var slug in slugs)
        {
            yield return Regex.Replace(pattern, @"\{\*{0,2}(\w+)[^}]*\}", m => m.Groups[1].Value switch
            {
                "look" => $"{look}",
                "slug" => slug,
                "number" => story.Case,
                "id" or "document" => "1",
                _ => "",
            }, RegexOptions.None, TimeSpan.FromSeconds(5)).TrimEnd('/');
        }
    }

    static async Task<string> AnswerAsync(Browser web, string path)
    {
        await web.GetAsync(path);
        // A form's token, and the key under which it counts once, are new each time.
        return $"{(int)web.Status} {web.Path}\n" + Fresh().Replace(web.Html, "");
    }

    static string Difference(string before, string after) =>
        string.Join('\n', before.Split('\n').Zip(after.Split('\n')).Where(pair => pair.First != pair.Second).Take(5).Select(pair => $"{pair.First.Trim()}\nbecame\n{pair.Second.Trim()}"));

    static async Task<IEnumerable<string>> ChangeAsync(DbConnection connection, long but)
    {
        // Past what the database holds fast, which is not the matter here.
        foreach (var name in (await connection.QueryAsync<string>("select name from sqlite_master where type = 'trigger'")).ToList()) await connection.ExecuteAsync($"drop trigger {name}");
        var done = new List<string>();
        foreach (var (table, column) in tells.Select(t => (t.Split('.')[0], t.Split('.')[1])))
        {
            var whose = table == "worker" ? "id" : "worker_id";
            var rows = (await connection.QueryAsync<(long Id, object Value)>($"select rowid, {column} from {table} where {whose} <> {but} and {column} is not null")).ToList();
            foreach (var (id, was) in rows)
            {
                object value = was is byte[] bytes
                    ? (byte[])[.. bytes.Select(b => (byte)(b ^ 0x55))]
                    : column switch { "state" => "ZZZ", "language" => "kk", "birth_date" => "1944-04-04", "media_type" => "image/png", _ => $"Жъ{id}{but}" + new string([.. ((string)was).Select(c => (char)(c is (>= 'a' and < 'z') or (>= 'A' and < 'Z') or (>= '0' and < '9') ? c + 1 : c))]) };
                await connection.ExecuteAsync($"update {table} set {column} = @value where rowid = {id}", new { value });
                done.Add($"{table}.{column}");
            }
        }

        return done;
    }

    [GeneratedRegex("(?<=name=\"__RequestVerificationToken\" type=\"hidden\" value=\"|type=\"hidden\" name=\"Key\" value=\")[^\"]+", RegexOptions.None, 5000)]
    private static partial Regex Fresh();

    // Numbers, dates, kinds, keys and digests: an order of what happened, and not who somebody is.
    [GeneratedRegex(@"\.(id|.*_id|.*_at|.*_on|.*_from|.*_act|.*_by|.*_number|.*_hash|first_act|number|kind|role|office|standing|ground|stage|due|day|from_stage|to_stage|what|item|how|scope|purpose|channel|channel_kind|replaces|idempotency_key|last_told|next_deadline|departure_told|reminded|reminds_of|counted_from|until_day|window_until|step_left|keep_until|attempts|failure|reply_code|holds_code|sha256|by_helper|reversed|salt|hash|mark|made_at)$", RegexOptions.None, 5000)]
    private static partial Regex Neutral();
}
