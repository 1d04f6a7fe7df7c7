using System.Diagnostics;
using System.Net.Http.Headers;
using Manzil.Cases.Files;
using Manzil.Rules;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

/// <summary>found.md 19: whoever sends a locked PDF hears of the lock and what to do, whatever else is wrong with the file.</summary>
public class LockedPdfTests
{
    /// <summary>Every lock that qpdf knows, in every layout.</summary>
    public static TheoryData<string, string> Locks()
    {
        var locks = new TheoryData<string, string>();
        foreach (var layout in new[] { "--object-streams=disable", "--object-streams=generate", "--linearize --object-streams=disable", "--linearize --object-streams=generate" })
        {
            foreach (var user in new[] { "user", "" })
            {
                foreach (var kind in new[] { "40 --", "128 --use-aes=n --", "128 --use-aes=y --", "256 --", "256 --cleartext-metadata --" })
                    locks.Add(layout, $"--encrypt {(user.Length == 0 ? "''" : user)} owner {kind}");
            }
        }

        return locks;
    }

    [Theory, MemberData(nameof(Locks))]
    public void Of_LockedByQpdf_IsToldAsLocked(string layout, string how)
    {
        var locked = Locked(layout, how);
        AssertLocked(locked);
        // Somebody added a note behind it, and the newest list of places says nothing of the lock.
        AssertLocked([.. locked, .. "\n%%EOF\n"u8]);
    }

    // Before, these were told as unreadable: their places cannot be looked up, so nobody came as far as the lock.
    [Theory, MemberData(nameof(Locks))]
    public void Of_LockedWithEveryPlaceMoved_IsToldAsLocked(string layout, string how)
    {
        var locked = Locked(layout, how);
        var line = locked.AsSpan().IndexOf((byte)'\n') + 1;
        AssertLocked([.. locked[..line], .. "% by way of a mail gateway\n"u8, .. locked[line..]]);
        AssertLocked([.. locked[..^40], .. "%%EOF\n"u8]);
    }

    // The siblings: a stream of references whose length stands elsewhere, and a locked file in one that shows a page about it.
    [Fact]
    public void Of_LockedInOtherWays_IsToldAsLocked()
    {
        AssertLocked(PdfSample.Bytes("%PDF-1.7\n9 0 obj << /Type /XRef /Length 8 0 R /W [1 2 1] /Size 9 /Root 1 0 R /Encrypt 7 0 R >>\nstream\n\nendstream\nendobj\nstartxref\n9\n%%EOF\n"));
        AssertLocked(PdfSample.Bytes("%PDF-1.7\n7 0 obj <</Filter/Standard/V 5/R 6/O <00>/U <00>>>\nendobj\n"));
        AssertLocked(HostilePdf.Pages(new PdfSample()
            .Add(1, "<< /Type /Catalog /Pages 2 0 R /AF [8 0 R] /Collection << /View /H /D (file.pdf) >> >>")
            .Add(8, "<< /Type /Filespec /F (file.pdf) /AFRelationship /EncryptedPayload /EP << /Subtype /MicrosoftIRMServices >> >>")).End().Bytes());
    }

    [Fact]
    public void Of_UnlockedOrUnreadable_IsNotToldAsLocked()
    {
        var plain = HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).End().Bytes();
        Assert.NotEmpty(CleanFile.Of(plain).Content);
        foreach (var broken in new[] { "%PDF-1.7\nno end", "%PDF-1.7\n(/Encryption 1 0 R) /Encrypt true /EncryptMetadata << >> /Filter /StandardEncoding", "%PDF-1.7\n/Encrypt 1 0", "%PDF-1.7\n/Encrypt", "%PDF-1.7\n/Encrypt R", "%PDF-1.7\n/Filter /Standard1" })
            Assert.Equal(FileFault.PdfUnclear, Assert.Throws<FileRefusedException>(() => CleanFile.Of(PdfSample.Bytes(broken))).Fault);
        Assert.Equal(
            FileFault.PdfActive,
            Assert.Throws<FileRefusedException>(() => CleanFile.Of(HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R /AF [8 0 R] /Collection << >> >>").Add(8, "<< /AFRelationship /Source >>")).End().Bytes())).Fault);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, "en", "it is locked with a password or against changes, and we cannot look into it. Save it without a password, print it to a new PDF, or photograph the pages.")]
    [InlineData(DatabaseKind.Postgres, "ru", "он защищён паролем или от изменений, и мы не можем его прочитать. Сохраните его без пароля, напечатайте в новый PDF или сфотографируйте страницы.")]
    [InlineData(DatabaseKind.Sqlite, "kk", "ол құпиясөзбен немесе өзгертуден қорғалған, біз оны оқи алмаймыз. Құпиясөзсіз сақтаңыз, жаңа PDF-ке басып шығарыңыз немесе беттерін суретке түсіріңіз.")]
    public async Task Answer_WithALockedPdf_IsToldWhatToDoAtEveryDoor(DatabaseKind kind, string lang, string said)
    {
        await using var service = await TestService.StartAsync(kind);
        var setting = await CaseSetting.NewAsync(service);
        await setting.OpenAsync();
        await setting.Worker.SignInAgainAsync();
        var worker = await setting.VisitAsync(lang);
        var helper = await HelperTests.OfAsync(service, await setting.VisitAsync());
        var (staff, cookie) = await service.StaffAsync(StaffRole.Clerk);
        var desk = new ClerkDesk(service, new(service, staff, Visitor.Officer(service, cookie)));
        var root = await desk.ServeAsync(setting.Worker.Worker);
        var locked = Locked("--linearize", "--encrypt '' owner 256 --");
        byte[][] files = [locked, [.. locked[..9], .. "% moved\n"u8, .. locked[9..]]];
        foreach (var (visitor, path, words) in new[] { (worker, "/case/answer", said), (helper, "/helper/answer", "it is locked with a password"), (desk.Web, root + "/case/answer", "it is locked with a password") })
        {
            await visitor.GetAsync(path);
            await visitor.PostFilesAsync([("Text", "Here is my lease.")], ("lease.pdf", files[0]), ("moved.pdf", files[1]));
            // Of each file, beside the field and above the form.
            Assert.Equal(4, visitor.Text.Split(words).Length - 1);
            Assert.Equal("Here is my lease.", visitor.Form()["Text"].Trim());
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/case/answers")
        {
            Content = new MultipartFormDataContent { { new StringContent("Here is my lease."), "text" }, { new ByteArrayContent(files[0]), "file", "a.pdf" }, { new ByteArrayContent(files[1]), "file", "b.pdf" } },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", setting.Worker.Token);
        request.Headers.Add("Idempotency-Key", "locked");
        request.Headers.AcceptLanguage.ParseAdd(lang);
        using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains(said, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal([("file[1]", "file-pdf-encrypted"), ("file[2]", "file-pdf-encrypted")], (await ProblemAnswer.ReadAsync(answer)).Faults);
        Assert.Equal(0, await setting.CountAsync("attachment"));
    }

    static void AssertLocked(byte[] pdf) => Assert.Equal(FileFault.PdfEncrypted, Assert.Throws<FileRefusedException>(() => CleanFile.Of(pdf)).Fault);

    static byte[] Locked(string layout, string how)
    {
        var folder = Directory.CreateTempSubdirectory("manzil-locked-").FullName;
        try
        {
            var (plain, locked) = (Path.Combine(folder, "plain.pdf"), Path.Combine(folder, "locked.pdf"));
            File.WriteAllBytes(plain, HostilePdf.Pages(new PdfSample().Add(1, "<< /Type /Catalog /Pages 2 0 R >>")).End().Bytes());
            string[] arguments = ["--allow-weak-crypto", .. $"{layout} {how}".Split(' ').Select(a => a == "''" ? "" : a), plain, locked];
            using var qpdf = Process.Start(new ProcessStartInfo("qpdf", arguments) { RedirectStandardError = true })!;
            var errors = qpdf.StandardError.ReadToEnd();
            qpdf.WaitForExit();
            // 3 says that it wrote the file and warns, of weak locks.
            Assert.True(qpdf.ExitCode is 0 or 3, errors);
            return File.ReadAllBytes(locked);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
