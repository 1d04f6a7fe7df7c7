using System.IO.Compression;
using System.Net;
using System.Text;
using Manzil.Layout;
using Manzil.Receipts;
using Manzil.Tests.Databases;
using Manzil.Tests.Notices;
using Manzil.Tests.Registrations.Desk;

namespace Manzil.Tests.Receipts;

/// <summary>found.md 3: whoever is shown a receipt finds on it where to check it, whom to call and the number to say, whatever shows it.</summary>
public class ShownTests
{
    // A worker's screen, sheet and zip; the same at the desk; and the clerk's own receipt.
    [Theory, EachDatabase]
    public async Task Receipt_WhereverItIsShown_NamesAddressTelephoneNumberAndWhatToDo(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var service = desk.Service;
        foreach (var lang in VerifyPageTests.Languages)
        {
            var t = Texts.For(lang);
            var worker = await service.EnrolAsync(language: lang);
            var web = await Visitor.SignInAsync(service, worker, lang);
            await web.GetAsync("/registration");
            await web.PostAsync();
            var number = web.Path.Split('?')[0].Split('/')[^1];
            Expect("screen", web.Text, number, "receipt.how-to-check", t);
            await web.GetAsync($"/notices/{number}/print");
            Expect("sheet", web.Text, number, "receipt.how-to-check-both", t);
            var zip = (await web.GetAsync($"/notices/{number}/receipt.zip")).Bytes;
            Expect("zip", WebUtility.HtmlDecode(Page(zip)), number, "receipt.how-to-check-both", t);

            // The page in the zip is a receipt itself, for whoever hands over that alone.
            VerifyPageTests.ExpectHeading(await VerifyPageTests.PostAsync(service, null, Encoding.UTF8.GetBytes(Page(zip)), worker.Document, lang), ReceiptOutcome.ForThisDocument, lang, "receipt.html");
            VerifyPageTests.ExpectHeading(await VerifyPageTests.PostAsync(service, null, zip, worker.Document, lang), ReceiptOutcome.ForThisDocument, lang, "zip");

            var root = await desk.ServeAsync(worker);
            await desk.Web.GetAsync($"{root}/notices/{number}");
            Expect("desk", desk.Web.Text, number, "receipt.how-to-check", Texts.For("en"));
            await desk.Web.GetAsync($"{root}/notices/{number}/print");
            Expect("the desk's sheet", desk.Web.Text, number, "receipt.how-to-check-both", t);
        }

        void Expect(string where, string text, string number, string key, Texts t)
        {
            var authority = service.Core.Rules.Authority;
            var address = service.Core.Issuer + "/verify";
            foreach (var said in new[] { t[key, ("address", address), ("file", $"manzil-{number}.zip")], t["receipt.questions", ("authority", authority.Name.In(t.Lang)), ("phone", authority.Phone), ("number", number)] })
                Assert.True(text.Contains(said, StringComparison.Ordinal), $"{where}, {t.Lang}: \"{said}\" is missing in {text}");
        }
    }

    // Officers' receipts, which name nobody and have no file.
    [Theory, EachDatabase]
    public async Task OfficersReceipt_NamesAddressTelephoneAndNumber(DatabaseKind kind)
    {
        await using var desk = await ClerkDesk.NewAsync(kind);
        var worker = await desk.Service.EnrolAsync();
        var root = await desk.ServeAsync(worker);
        await desk.Web.GetAsync(root + "/code");
        await desk.Web.PostAsync(("Seen", "yes"), ("EndSessions", "no"));
        var number = (await desk.ActsAsync(worker.Id))[^1];
        await desk.Web.GetAsync($"/staff/desk/receipts/{number}");
        Assert.Equal(HttpStatusCode.OK, desk.Web.Status);
        Assert.Contains(Texts.For("en")["receipt.how-to-check-code", ("address", desk.Service.Core.Issuer + "/verify")], desk.Web.Text);
        Assert.Contains(desk.Service.Core.Rules.Authority.Phone, desk.Web.Text);
        Assert.Contains(number, desk.Web.Text);
    }

    static string Page(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using var reader = new StreamReader(archive.GetEntry("receipt.html")!.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
