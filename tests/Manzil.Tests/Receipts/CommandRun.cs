using System.CommandLine;

namespace Manzil.Tests.Receipts;

/// <summary>Runs <c>receipt verify</c> with files of its own folder and the sample's keys.</summary>
sealed class CommandRun : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("manzil-verify-").FullName;

    public Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => RunWithKeysAsync(Save("keys.json", Sample.Keys().ToJson()), arguments);

    public async Task<(int Code, string Output, string Error)> RunWithKeysAsync(string keys, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await new RootCommand { VerifyCommand.Create() }.Parse(["receipt", "verify", .. arguments, "--keys", keys])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    public string Save(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
