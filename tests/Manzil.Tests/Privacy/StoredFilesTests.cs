using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Manzil.Cases.Files;
using Manzil.Rules;
using Manzil.Tests.Cases.Mine;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Register;
using Manzil.Tests.Registrations.Desk;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Privacy;

/// <summary>
/// privacy.md 20, at every door that takes a file: what a camera or a program wrote into it is nowhere afterwards, in no table, no file of
/// the data folder and nothing that anybody is shown; whatever the file is called, however large it is, and whatever stands around it.
/// </summary>
public class StoredFilesTests
{
    static readonly (string Name, byte[] Bytes)[] files =
    [
        ("photo.jpg", TaggedFiles.Jpeg()),
        // Larger than what one would look into; still within what is taken.
        ("photo.jpg", Long(TaggedFiles.Jpeg(), 1_500_000)),
        ("photo.JPEG", TaggedFiles.Jpeg(orientation: 1)),
        ("picture.png", TaggedFiles.Png()),
        ("picture.png", LongPng(1_500_000)),
        // The name says nothing of what it is.
        ("paper.pdf", TaggedFiles.Png()),
        ("paper.pdf", TaggedFiles.Pdf()),
        ("paper.pdf", TaggedFiles.Pdf(photo: Long(TaggedFiles.Jpeg(), 300_000))),
    ];

    // Comments as large as they may be, with the position in each.
    static byte[] Long(byte[] jpeg, int size)
    {
        byte[] comment = [0xFF, 0xFE, 0xFF, 0xFF, .. Enumerable.Repeat(Encoding.Latin1.GetBytes($"{TaggedFiles.Lat} {TaggedFiles.Lon} "), 2979).SelectMany(b => b).Take(65_533)];
        return [.. jpeg[..2], .. Enumerable.Repeat(comment, size / comment.Length).SelectMany(b => b), .. jpeg[2..]];
    }

    static byte[] LongPng(int size)
    {
        var png = TaggedFiles.Png();
        var text = TaggedFiles.Chunk("tEXt", [.. Encoding.Latin1.GetBytes("Location\0"), .. Enumerable.Repeat(Encoding.Latin1.GetBytes($"{TaggedFiles.Lat} "), size / 11).SelectMany(b => b)]);
        return [.. png[..33], .. text, .. png[33..]];
    }

    // A further door that takes files is looked at below: whoever makes an attachment of what came in does it here.
    [Fact]
    public void Attachments_AreMadeOfWhatCameIn_InOnePlace()
    {
        Assert.Equal(["src/Manzil/Cases/Files/CleanFile.cs"], Repository.Files("src", "*.cs").Where(path => Repository.Read(path).Contains("new Attachment(", StringComparison.Ordinal)));
        Assert.Equal(["src/Manzil/Cases/AnswerCase.cs"], Repository.Files("src", "*.cs").Where(path => Repository.Read(path).Contains("insert into attachment", StringComparison.OrdinalIgnoreCase)));
    }

    public static TheoryData<DatabaseKind, string, string> Doors
    {
        get
        {
            var doors = new TheoryData<DatabaseKind, string, string>();
            foreach (var door in new[] { "web", "program", "helper", "desk" })
            {
                doors.Add(DatabaseKind.Sqlite, door, "answer");
                doors.Add(DatabaseKind.Postgres, door, "answer");
                doors.Add(DatabaseKind.Sqlite, door, "appeal");
            }

            return doors;
        }
    }

    [Theory, MemberData(nameof(Doors))]
    public async Task Post_FilesWithPositions_LeavesNoneAnywhere(DatabaseKind kind, string door, string what)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        var helper = await HelperTests.OfAsync(service, await setting.VisitAsync());
        if (what == "appeal")
        {
            await setting.ProposeAsync();
            await setting.AgreeAsync();
        }

        // So many go into one act, and an appeal is one.
        var acts = files.Chunk(CleanFile.MaxFiles).Take(what == "appeal" ? 1 : 2).ToList();
        foreach (var act in acts) await SendAsync(service, setting, helper, door, what, act);
        await NothingIsLeftAsync(service, acts.Sum(a => a.Length));
    }

    static async Task SendAsync(TestService service, CaseSetting setting, Visitor helper, string door, string what, (string Name, byte[] Bytes)[] act)
    {
        var (web, path) = door switch
        {
            "web" => (await setting.VisitAsync(), $"/case/{what}"),
            "helper" => (helper, $"/helper/{what}"),
            "desk" => await AtTheDeskAsync(service, setting, what),
            _ => default,
        };
        if (web is not null)
        {
            await web.GetAsync(path!);
            await web.PostFilesAsync([("Text", "See the photo.")], act);
            return;
        }

        await setting.Worker.SignInAgainAsync();
        var form = new MultipartFormDataContent { { new StringContent("See the photo."), "text" } };
        foreach (var (name, bytes) in act) form.Add(new ByteArrayContent(bytes), "file", name);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/case/{what}s") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", setting.Worker.Token);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
    }

    static async Task<(Visitor Web, string Path)> AtTheDeskAsync(TestService service, CaseSetting setting, string what)
    {
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(service, new(service, staff, Visitor.Officer(service, cookie)));
        return (desk.Web, $"{await desk.ServeAsync(setting.Worker.Worker)}/case/{what}");
    }

    static async Task NothingIsLeftAsync(TestService service, int sent)
    {
        var contents = new List<byte[]>();
        await using (var connection = await service.Core.Database.OpenAsync())
        {
            contents.AddRange(await connection.QueryAsync<byte[]>("select content from attachment"));
            Assert.Equal(sent, contents.Count);
            // Made anew once more, nothing of it goes.
            Assert.All(contents, c => Assert.Equal(c, CleanFile.Of(c).Content));
        }

        var everything = new List<(string Where, byte[] Bytes)> { ("the database", Encoding.UTF8.GetBytes(await TableDump.ReadAsync(service.Core.Database))) };
        everything.AddRange(contents.Select((c, i) => ($"file {i}", c)));
        foreach (var path in Directory.EnumerateFiles(service.DataFolder, "*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            everything.Add((path, bytes.ToArray()));
        }

        foreach (var trace in TaggedFiles.Traces())
            Assert.Empty(everything.Where(e => e.Bytes.AsSpan().IndexOf(trace) >= 0 || e.Where == "the database" && e.Bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Convert.ToHexString(trace))) >= 0).Select(e => $"{Convert.ToHexString(trace)} in {e.Where}"));
    }
}
