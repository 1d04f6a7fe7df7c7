using System.Text;
using Manzil.Messages;

namespace Manzil.Tests.Messages;

public class MessagingFileTests
{
    const string Smtp = """{"host": "mail.example", "port": 587, "security": "starttls", "user": "manzil", "password": "topsecret", "from": "Manzil <no-reply@manzil.example>"}""";
    const string Sms = """{"url": "https://gateway.example/send", "secret": "a secret of 32 characters or more"}""";

    [Fact]
    public void Parse_WholeFile_IsRead()
    {
        var file = MessagingFile.Parse($$"""{"smtp": {{Smtp}}, "sms": {{Sms}}}""");
        Assert.Equal(("mail.example", 587, SmtpSecurity.StartTls, "manzil", "topsecret"), (file.Smtp!.Host, file.Smtp.Port, file.Smtp.Security, file.Smtp.User, file.Smtp.Password));
        Assert.Equal(("Manzil", "no-reply@manzil.example"), (file.Smtp.From.DisplayName, file.Smtp.From.Address));
        Assert.Equal(("https://gateway.example/send", "a secret of 32 characters or more"), (file.Sms!.Url.ToString(), Encoding.UTF8.GetString(file.Sms.Secret)));
    }

    [Theory]
    [InlineData("{}", false, false)]
    [InlineData($$"""{"smtp": {{Smtp}}}""", true, false)]
    [InlineData($$"""{"sms": {{Sms}}}""", false, true)]
    [InlineData("""{"smtp": {"host": "127.0.0.1", "port": 25, "security": "none", "from": "a@b.example"}}""", true, false)]
    [InlineData("""{"smtp": {"host": "localhost", "port": 25, "security": "none", "from": "a@b.example"}}""", true, false)]
    [InlineData("""{"sms": {"url": "http://127.0.0.1:9000/x", "secret": "a secret of 32 characters or more"}}""", false, true)]
    [InlineData("""{"sms": {"url": "http://[::1]:9000/x", "secret": "a secret of 32 characters or more"}}""", false, true)]
    public void Parse_APartOnly_IsEnough(string json, bool smtp, bool sms)
    {
        var file = MessagingFile.Parse(json);
        Assert.Equal((smtp, sms), (file.Smtp is not null, file.Sms is not null));
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "it is a JSON object")]
    [InlineData("{\"smtp\": 1}", "smtp is a JSON object")]
    [InlineData("{\"sms\": null}", "sms is a JSON object")]
    [InlineData("{\"sms\": {}, \"sms\": {}}", "twice")]
    [InlineData("{\"mail\": {}}", "mail is not known here; known are smtp, sms")]
    [InlineData("{\"smtp\": {\"hots\": \"a\"}}", "smtp.hots is not known here")]
    [InlineData("{\"sms\": {\"URL\": \"a\"}}", "sms.URL is not known here")]
    [InlineData("-host", "smtp.host is missing")]
    [InlineData("host=7", "smtp.host is text")]
    [InlineData("host=\"\"", "smtp.host is text")]
    [InlineData("host=\"a b\"", "smtp.host is a host's name")]
    [InlineData("host=\"a\\nb\"", "smtp.host is text")]
    [InlineData("-port", "smtp.port is missing")]
    [InlineData("port=0", "smtp.port is a number from 1 to 65535")]
    [InlineData("port=65536", "smtp.port is a number from 1 to 65535")]
    [InlineData("port=\"587\"", "smtp.port is a number from 1 to 65535")]
    [InlineData("port=5.5", "smtp.port is a number from 1 to 65535")]
    [InlineData("-security", "smtp.security is missing")]
    [InlineData("security=\"ssl\"", "smtp.security is \"starttls\", \"tls\" or \"none\"")]
    [InlineData("security=\"none\"", "only for a server on this machine")]
    [InlineData("-user", "smtp.user belongs beside")]
    [InlineData("-password", "smtp.password belongs beside")]
    [InlineData("password=7", "smtp.password is text")]
    [InlineData("-from", "smtp.from is missing")]
    [InlineData("from=\"Manzil\"", "smtp.from is an e-mail address")]
    [InlineData("from=\"мекен@manzil.example\"", "smtp.from is an e-mail address")]
    [InlineData("-url", "sms.url is missing")]
    [InlineData("url=\"gateway.example\"", "sms.url is the gateway's address")]
    [InlineData("url=\"ftp://gateway.example\"", "sms.url is the gateway's address")]
    [InlineData("url=\"https://user:word@gateway.example\"", "sms.url is the gateway's address")]
    [InlineData("url=\"https://gateway.example/#x\"", "sms.url is the gateway's address")]
    [InlineData("url=\"http://gateway.example/send\"", "begins with http:// only for a gateway on this machine")]
    [InlineData("-secret", "sms.secret is missing")]
    [InlineData("secret=\"exactly 32 characters are enough\"", null)]
    [InlineData("secret=\"30 characters are not enough..\"", "sms.secret has at least 32 characters")]
    [InlineData("secret=7", "sms.secret is text")]
    public void Parse_WrongMember_IsNamedInOneSentence(string wrong, string? says)
    {
        var json = wrong;
        if (!wrong.StartsWith('{') && !wrong.StartsWith('[') && wrong.Length > 0)
        {
            var file = System.Text.Json.Nodes.JsonNode.Parse($$"""{"smtp": {{Smtp}}, "sms": {{Sms}}}""")!;
            var name = wrong.TrimStart('-').Split('=')[0];
            var part = file[name is "url" or "secret" ? "sms" : "smtp"]!.AsObject();
            if (wrong[0] == '-') part.Remove(name);
            else part[name] = System.Text.Json.Nodes.JsonNode.Parse(wrong[(name.Length + 1)..]);
            json = file.ToJsonString();
        }

        if (says is null)
        {
            MessagingFile.Parse(json);
            return;
        }

        var e = Assert.Throws<FormatException>(() => MessagingFile.Parse(json));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("topsecret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileThatOthersCanRead_IsRefused()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("manzil-test-").FullName, "messages.json");
        Assert.Contains("There is no messages file", Assert.Throws<CommandLineException>(() => MessagingFile.Load(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, $$"""{"sms": {{Sms}}}""");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("can be read by others (mode 604)", Assert.Throws<CommandLineException>(() => MessagingFile.Load(path)).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.NotNull(MessagingFile.Load(path).Sms);
        File.WriteAllText(path, "{");
        var wrong = Assert.Throws<CommandLineException>(() => MessagingFile.Load(path));
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains($"The messages file {path} cannot be used: it is not JSON", wrong.Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }
}
