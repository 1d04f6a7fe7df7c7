using System.CommandLine;
using Manzil.Deadlines;
using Manzil.Demo;
using Manzil.Log;
using Manzil.Messages;
using Manzil.Rules;
using NodaTime;

namespace Manzil.Register;

/// <summary>Where the service's parts are, as the command line gives it; the same options for serve and for the commands that write.</summary>
public sealed record ServiceSettings
{
    public required string DataFolder { get; init; }
    public required string Database { get; init; }

    /// <summary>True where nobody said which database.</summary>
    public bool IsDatabaseUnsaid { get; init; }

    public required string RulesFile { get; init; }
    public required Uri PublicUrl { get; init; }
    public string Urls { get; init; } = "http://localhost:8080";
    public bool Demo { get; init; }

    /// <summary>False for every command but 'manzil serve': where there is no service, it says so and makes none.</summary>
    public bool MayBegin { get; init; } = true;

    /// <summary>The address that this service had until now, said by whoever moves it to <see cref="PublicUrl"/>.</summary>
    public Uri? InsteadOf { get; init; }

    public string? TrustedProxy { get; init; }
    public MessagingFile Messaging { get; init; } = MessagingFile.None;

    public string Issuer => IssuerOf(PublicUrl);

    public static string IssuerOf(Uri url) => url.GetLeftPart(UriPartial.Path).TrimEnd('/');
}

/// <summary>The options of <see cref="ServiceSettings"/> that commands share.</summary>
public sealed class ServiceOptions
{
    public static string DemoRules => Path.Combine(AppContext.BaseDirectory, "rules", "demo.json");

    readonly Option<string> _data = new("--data") { Description = "Folder for keys and, with SQLite, the database.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
    readonly Option<string> _database = new("--database") { Description = "sqlite (in the data folder) or postgres://user:password@host/name.", HelpName = "DATABASE", DefaultValueFactory = _ => "sqlite" };
    readonly Option<string?> _rules = new("--rules") { Description = "The jurisdiction's rules file.", HelpName = "FILE" };
    readonly Option<string?> _publicUrl = new("--public-url") { Description = "Where people reach the service: https://manzil.example. Links, issuer and passkeys rest on it.", HelpName = "URL" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_data, _database, _rules, _publicUrl]) command.Options.Add(option);
    }

    public ServiceSettings Read(ParseResult parsed, bool demo = false, string? urls = null)
    {
        var rules = parsed.GetValue(_rules) ?? (demo ? DemoRules : throw new CommandLineException("Say which rules apply: --rules FILE (an example is rules/demo.json)."));
        var publicUrl = parsed.GetValue(_publicUrl) ?? (demo ? (urls ?? "http://localhost:8080") : throw new CommandLineException("Say where people reach the service: --public-url https://…"));
        return new ServiceSettings
        {
            DataFolder = parsed.GetValue(_data)!,
            Database = parsed.GetValue(_database)!,
            IsDatabaseUnsaid = parsed.GetResult(_database) is null or { Implicit: true },
            RulesFile = rules,
            PublicUrl = ReadUrl(publicUrl),
            MayBegin = false,
            Urls = urls ?? "http://localhost:8080",
            Demo = demo,
        };
    }

    public static Uri ReadUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") && url.Query.Length == 0 && url.Fragment.Length == 0
            ? url
            : throw new CommandLineException($"'{text}' is not a URL that people can open: write https://host or http://host.");
}

/// <summary>Everything under the pages: rules, database, keys, writer. Opened by the web host and by commands that write.</summary>
public sealed class Core : IAsyncDisposable
{
    Core(ServiceSettings settings, Jurisdiction rules, DataFolder folder, Database database, Installation installation, ILoggerFactory logging, IClock clock)
    {
        Clock = clock;
        Settings = settings;
        Rules = rules;
        CurrentRules = new CurrentRules(rules);
        Folder = folder;
        Database = database;
        Installation = installation;
        Published = new PublishedCheckpoint(folder.PublishedCheckpoint);
        Tiles = new LogTiles(database, Published);
        Logs = new PublicLog(database, Tiles, installation, Published);
        Workers = new WorkerReader(database);
        Writer = new BatchWriter(database, Workers, installation, Tiles, Published, logging.CreateLogger<BatchWriter>());
    }

    public ServiceSettings Settings { get; }
    /// <summary>As the file has them; deadlines of workers are counted on <see cref="CurrentRules"/>.</summary>
    public Jurisdiction Rules { get; }

    public CurrentRules CurrentRules { get; }
    public DataFolder Folder { get; }
    public Database Database { get; }
    public Installation Installation { get; }
    public PublishedCheckpoint Published { get; }
    public LogTiles Tiles { get; }
    public PublicLog Logs { get; }
    public WorkerReader Workers { get; }
    public BatchWriter Writer { get; }

    /// <summary>What commands go by: the machine's clock, or the one of a demo that a visitor has moved.</summary>
    public IClock Clock { get; }

    public string Issuer => Settings.Issuer;

    public static async Task<Core> OpenAsync(ServiceSettings settings, ILoggerFactory? logging = null, IClock? clock = null)
    {
        Jurisdiction rules;
        try
        {
            rules = Jurisdiction.Load(settings.RulesFile);
        }
        catch (RulesFormatException e)
        {
            throw new CommandLineException(e.Message, 1);
        }

        if (!settings.MayBegin) DataFolder.RefuseNoService(settings);
        var folder = new DataFolder(settings.DataFolder);
        if (settings.IsDatabaseUnsaid) folder.RefuseKeysOfAnotherDatabase();
        clock ??= File.Exists(Path.Combine(folder.Folder, DemoClock.FileName)) ? new DemoClock(CommandLine.Clock, folder.Folder) : CommandLine.Clock;
        var database = Database.At(settings.Database, folder.Folder);
        try
        {
            var installation = await Installation.OpenAsync(database, folder, settings, clock.GetCurrentInstant(), isClockMovable: !ReferenceEquals(clock, CommandLine.Clock));
            var core = new Core(settings, rules, folder, database, installation, logging ?? Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, clock);
            await core.Writer.Checked;
            await core.CurrentRules.RefreshAsync(database);
            return core;
        }
        catch (Exception e) when (e is not CommandLineException && Database.IsUnavailable(e))
        {
            await database.DisposeAsync();
            throw new CommandLineException($"The database cannot be opened: {e.Message.ReplaceLineEndings(" ")}", 1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        Tiles.Dispose();
        Published.Dispose();
        Installation.Dispose();
        await Database.DisposeAsync();
    }
}
