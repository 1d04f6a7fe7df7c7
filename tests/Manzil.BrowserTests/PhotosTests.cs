using System.Buffers.Binary;
using System.Text;

namespace Manzil.BrowserTests;

/// <summary>found.md 19: a photo as a phone takes it. Where scripts run, it leaves the phone smaller and without a position; without them it goes as it is, with the same result.</summary>
public sealed class PhotosTests(Chromium chromium)
{
    const string Position = "38.7261943,-57.9182736", Name = "IMG 20261130.jpg";

    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("kk")]
    public async Task Photo_WhereScriptsRun_LeavesThePhoneSmallerAndWithoutAPosition(string language)
    {
        var photo = await PhotoAsync();
        await OnCaseAsync(language, script: true, async (phone, relay) =>
        {
            var pdf = await phone.Page.PdfAsync();
            await AttachAsync(phone, ("image/jpeg", Name, photo), ("application/pdf", "lease.pdf", pdf));
            var message = phone.Page.Locator("main [data-shrunk]");
            await Assertions.Expect(message).ToHaveTextAsync((await message.GetAttributeAsync("data-shrunk"))!, new() { Timeout = 120_000 });
            await phone.CheckAllAsync();
            await phone.KeepPicturesAsync($"photos-{language}");
            await phone.FillAsync("Text", Words(language));
            var sent = await SendAsync(phone, relay);
            Assert.InRange(sent.Length, pdf.Length, photo.Length / 3);
            Assert.True(sent.AsSpan().IndexOf(pdf) > 0, "the other file is as it was");
            Assert.Contains($"filename=\"{Name}\"", Encoding.Latin1.GetString(sent), StringComparison.Ordinal);
            var kept = await KeptAsync(phone);
            // Upright, as it was taken, and large enough for small print.
            Assert.Equal((1920, 2560), SizeOf(kept));
            var begin = sent.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);
            Assert.DoesNotContain("Exif", Encoding.Latin1.GetString(sent, begin, 4096), StringComparison.Ordinal);
            Assert.True(sent.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Position)) < 0, "no position is sent");
        });
    }

    // Pressed before the photo is ready, it waits for it, and one answer arrives.
    [Fact]
    public async Task Photo_SentAtOnce_IsMadeSmallerFirst()
    {
        var photo = await PhotoAsync();
        await OnCaseAsync("en", script: true, async (phone, relay) =>
        {
            await phone.FillAsync("Text", Words("en"));
            await AttachAsync(phone, ("image/jpeg", Name, photo));
            var sent = await SendAsync(phone, relay);
            Assert.InRange(sent.Length, 100_000, photo.Length / 3);
            Assert.Equal((1920, 2560), SizeOf(await KeptAsync(phone)));
        });
    }

    [Fact]
    public async Task Photo_WithoutScript_GoesAsItIsAndIsCleanedByTheService()
    {
        var photo = await PhotoAsync();
        Assert.InRange(photo.Length, 12_000_000, 15_000_000);
        await OnCaseAsync("en", script: false, async (phone, relay) =>
        {
            await phone.FillAsync("Text", Words("en"));
            await AttachAsync(phone, ("image/jpeg", Name, photo));
            await AssertKeptAsItIsAsync(phone, relay, photo);
        });
    }

    // Some browsers give a page noise for what it drew: the photo must not become that.
    [Fact]
    public async Task Photo_WhereTheBrowserHidesWhatItDraws_GoesAsItIs()
    {
        var photo = await PhotoAsync();
        await OnCaseAsync("en", script: true, async (phone, relay) =>
        {
            await phone.Context.AddInitScriptAsync(
                """
                const real = CanvasRenderingContext2D.prototype.getImageData;
                CanvasRenderingContext2D.prototype.getImageData = function (...where) {
                  const seen = real.apply(this, where);
                  seen.data.forEach((value, i) => { seen.data[i] = (i * 37) % 256; });
                  return seen;
                };
                """);
            await phone.GotoAsync("/case/answer");
            await phone.FillAsync("Text", Words("en"));
            await AttachAsync(phone, ("image/jpeg", Name, photo));
            await AssertKeptAsItIsAsync(phone, relay, photo);
        });
    }

    [Fact]
    public async Task Photo_ThatTheBrowserCannotRead_GoesAsItIsAndIsRefusedInWords()
    {
        var photo = await PhotoAsync();
        await OnCaseAsync("en", script: true, async (phone, relay) =>
        {
            await phone.FillAsync("Text", Words("en"));
            await AttachAsync(phone, ("image/jpeg", Name, photo[..2000]), ("image/heic", "b.heic", "\0\0\0\u0018ftypheic\0\0\0\0mif1heic"u8.ToArray()));
            relay.Forget();
            await phone.SubmitAsync();
            Assert.True(relay.Sent.AsSpan().IndexOf(photo.AsSpan(0, 2000)) > 0, "it is sent as it was chosen");
            var said = await phone.Page.Locator("main").InnerTextAsync();
            Assert.Contains("File 1: it is damaged", said, StringComparison.Ordinal);
            Assert.Contains("File 2: it is a HEIC picture", said, StringComparison.Ordinal);
            Assert.Equal(Words("en"), await phone.TypedAsync("Text"));
        });
    }

    static string Words(string language) => CaseWords.In(language).Look;

    static async Task AssertKeptAsItIsAsync(Phone phone, Relay relay, byte[] photo)
    {
        var sent = await SendAsync(phone, relay);
        // What the relay sees is what left the browser: here the position is found.
        Assert.True(sent.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Position)) > 0, "it is sent as it was chosen");
        var kept = await KeptAsync(phone);
        Assert.InRange(kept.Length, photo.Length - 1000, photo.Length);
        Assert.True(kept.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Position)) < 0, "no position is kept");
        Assert.Equal((4032, 3024), SizeOf(kept));
    }

    /// <summary>At the form for an answer, of a worker in whose case one is asked for.</summary>
    async Task OnCaseAsync(string language, bool script, Func<Phone, Relay, Task> use)
    {
        chromium.Need();
        await using var relay = new Relay(chromium.Service.Url);
        await chromium.OnPhoneAsync(
            async phone =>
            {
                var words = CaseWords.In(language);
                var worker = await phone.Service.EnrolAsync(language);
                await phone.GiveAsync(worker, new { kind = "registration" });
                await phone.GiveAsync(worker, new { kind = "residence", from = "2026-01-01", address = new { locality = "1", street = "2", building = "3" } });
                await phone.SignInAsync("S100", "caseworker");
                await phone.OpenCaseAsync(worker, words.Look, words.Long);
                await phone.StaySignedInAsync(worker);
                await phone.GotoAsync("/case/answer");
                await use(phone, relay);
            },
            language,
            script,
            origin: relay.Url);
    }

    static Task AttachAsync(Phone phone, params (string Type, string Name, byte[] Content)[] files) =>
        phone.Page.Locator("main [name=Files]").SetInputFilesAsync(files.Select(f => new FilePayload { MimeType = f.Type, Name = f.Name, Buffer = f.Content }));

    /// <returns>All that the browser sent by it.</returns>
    static async Task<byte[]> SendAsync(Phone phone, Relay relay)
    {
        relay.Forget();
        await phone.SubmitAsync();
        Assert.True(phone.Path.StartsWith("/notices/", StringComparison.Ordinal), await phone.Page.Locator("main").InnerTextAsync());
        return relay.Sent;
    }

    /// <summary>The first file of the case, as whoever opens it gets it.</summary>
    static async Task<byte[]> KeptAsync(Phone phone)
    {
        await phone.GotoAsync("/case");
        var link = await phone.Page.Locator("main a[href^='/case/files/']").First.GetAttributeAsync("href");
        var answer = await phone.Context.APIRequest.GetAsync(phone.Origin + link);
        return await answer.BodyAsync();
    }

    /// <summary>12 million pixels, lying on their side, with a position: as the browser itself writes a JPEG, and a camera's first segment before it.</summary>
    Task<byte[]> PhotoAsync()
    {
        chromium.Need();
        lock (Gate) return _photo ??= MakePhotoAsync();
    }

    // It takes seconds, so it is made once.
    static readonly Lock Gate = new();
    static Task<byte[]>? _photo;

    async Task<byte[]> MakePhotoAsync()
    {
        var plain = Array.Empty<byte>();
        await chromium.OnPhoneAsync(
            async phone => plain = Convert.FromBase64String(await phone.Page.EvaluateAsync<string>(
                """
                async () => {
                  const [width, height] = [4032, 3024];
                  const canvas = new OffscreenCanvas(width, height);
                  const context = canvas.getContext('2d');
                  const picture = context.createImageData(width, height);
                  let blob = null;
                  // As much noise as makes a photo of 12 MB.
                  for (let noise = 40; !blob || blob.size < 12000000; noise += 8) {
                    let seed = 1;
                    for (let i = 0; i < picture.data.length; i += 4) {
                      seed = (seed * 1103515245 + 12345) % 2147483648;
                      const light = 40 + (i / 64) % 96 + seed % noise;
                      picture.data.set([light, light, 220 - light / 2, 255], i);
                    }
                    context.putImageData(picture, 0, 0);
                    blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.97 });
                  }
                  const reader = new FileReader();
                  return new Promise((done) => {
                    reader.onload = () => done(reader.result.split(',')[1]);
                    reader.readAsDataURL(blob);
                  });
                }
                """)),
            checkTraffic: false);
        return [.. plain[..2], .. Exif(), .. plain[2..]];
    }

    // A description with the position in it, the way up (turned by a quarter), and a pointer to a directory of GPS, as phones write them.
    static byte[] Exif()
    {
        var text = Encoding.ASCII.GetBytes(Position + "\0");
        byte[] tiff =
        [
            .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 3,
            0x01, 0x0E, 0, 2, 0, 0, 0, (byte)text.Length, 0, 0, 0, 68,
            0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0,
            0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 50,
            0, 0, 0, 0,
            0, 1, 0, 1, 0, 2, 0, 0, 0, 2, (byte)'N', 0, 0, 0, 0, 0, 0, 0,
            .. text,
        ];
        var content = Encoding.ASCII.GetBytes("Exif\0\0").Concat(tiff).ToArray();
        return [0xFF, 0xE1, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];
    }

    static (int Width, int Height) SizeOf(byte[] jpeg)
    {
        for (var at = 2; at < jpeg.Length;)
        {
            if (jpeg[at + 1] is 0xC0 or 0xC1 or 0xC2) return (BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 7)), BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 5)));
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));
        }

        return (0, 0);
    }
}
