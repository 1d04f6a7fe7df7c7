using System.Net.Http.Headers;

namespace Manzil.Tests.Notices;

sealed partial class Visitor
{
    /// <summary>Sends the form shown with these fields changed and with files, as a browser does.</summary>
    public async Task<Visitor> PostFilesAsync((string Name, string Value)[] changes, params (string Name, byte[] Content)[] files)
    {
        var fields = Form();
        fields.Remove("Files");
        foreach (var (name, value) in changes) fields[name] = value;
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
        foreach (var (name, content) in files)
        {
            var part = new ByteArrayContent(content);
            part.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
            form.Add(part, "Files", name);
        }

        // A browser sends an empty part where no file was chosen.
        if (files.Length == 0)
        {
            var nothing = new ByteArrayContent([]);
            nothing.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "Files", FileName = "\"\"" };
            form.Add(nothing);
        }

        var path = FormAction;
        await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = form }, path);
        return Answer.Headers.Location is { } location ? await GetAsync(location.OriginalString) : this;
    }
}
