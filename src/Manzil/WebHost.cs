using Manzil.Access;
using Manzil.Api;
using Manzil.Cases;
using Manzil.Cases.Desk;
using Manzil.Cases.Files;
using Manzil.Cases.Mine;
using Manzil.Deadlines;
using Manzil.Demo;
using Manzil.Helping;
using Manzil.Home;
using Manzil.Layout;
using Manzil.Log;
using Manzil.Messages;
using Manzil.Notices;
using Manzil.Privacy;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Registrations;
using Manzil.Registrations.Desk;
using Manzil.SignIn;
using Manzil.Staff;
using Manzil.Status;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using NodaTime;

namespace Manzil;

/// <summary>The web application: one line a feature.</summary>
public static class WebHost
{
    const int MaxRequestBytes = 256 * 1024;

    /// <summary>Of a request that comes faster than it is read: in the server, whose least is the size of the headers, and in the socket.</summary>
    const int BufferedBytes = 40 * 1024, SocketBytes = 16 * 1024;

    /// <param name="core">Opened by the caller, who also disposes of it.</param>
    /// <param name="clock">The service's clock; tests bring their own.</param>
    /// <param name="logs">Where log lines go beside the console; tests read them.</param>
    public static WebApplication Build(Core core, IClock clock, ILoggerProvider? logs = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "manzil" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.Logging.ClearProviders().AddLines()
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            // An activity for each request costs, and nothing reads it.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // Why a start failed is said in one sentence by the serve command.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        if (logs is not null) builder.Logging.AddProvider(logs);
        // Only an unpublished build has a manifest of assets; a published one has the files.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseUrls(core.Settings.Urls).ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = MaxRequestBytes;
            k.Limits.MaxRequestLineSize = 4096;
            k.Limits.MaxRequestBufferSize = BufferedBytes;
        })
        // What has come and was not asked for yet is held for each connection, of strangers too: by the sockets, which have a limit of their own (1 MB).
        .UseSockets(s => s.MaxReadBufferSize = SocketBytes);

        var services = builder.Services;
        services.AddSingleton(core.Settings).AddSingleton(core.Settings.Messaging).AddSingleton(core.Rules).AddSingleton(core.CurrentRules).AddSingleton(core.Database).AddSingleton(core.Installation)
            .AddSingleton(core.Tiles).AddSingleton(core.Logs).AddSingleton(core.Workers).AddSingleton(core.Writer).AddSingleton(clock);
        var facts = new ServiceFacts(core.Rules, core.Settings.PublicUrl, core.Settings.Demo);
        services.AddLayout(facts);
        services.AddPasskeys(facts);
        services.AddSingleton(new Telling(core.Rules, core.Settings.PublicUrl, shownAtOnce: core.Settings.Demo));
        services.AddSingleton<HomeReader>().AddSingleton<NoticeBook>().AddSingleton<NoteDepartures>().AddSingleton<ReceiptFiles>().AddSingleton<TurnedAwayTokens>();
        services.AddSingleton<Deliveries>().AddSingleton<NotMine>().AddSingleton<IncomingSms>();
        services.AddSingleton<Sessions>().AddSingleton<Attempts>().AddSingleton<SlowHashes>().AddSingleton<KeyedCodes>().AddSingleton<SignInByCard>().AddSingleton<FreshCodes>().AddSingleton<WebSession>().AddSingleton<Channels>().AddSingleton<Export>();
        services.AddScoped<WaysBack>().AddSingleton<RecoveryCodes>().AddSingleton<BackInCookie>().AddSingleton<BackIn>().AddHostedService(s => s.GetRequiredService<BackIn>());
        services.AddSingleton<StatusFigures>().AddSingleton<Readiness>().AddSingleton<Heartbeats>().AddSingleton<MoveDeadlines>().AddSingleton<MoveCaseDeadlines>().AddSingleton<MoveSilencePeriods>().AddSingleton<SendReminders>().AddSingleton<OpenSilentCases>().AddSingleton<CloseOverdueCases>().AddSingleton<Breaker>().AddSingleton<Timers>();
        services.AddSingleton<EraseOldData>().AddHostedService(s => s.GetRequiredService<EraseOldData>());
        services.AddSingleton<StaffSessions>().AddSingleton<Looks>().AddSingleton<Appointments>().AddSingleton<Officers>().AddSingleton<DemoSignIn>();
        services.AddPasskeysOf<StaffMember, StaffPasskeyStore>().AddScoped<StaffPasskeys>();
        services.AddSingleton<Sending>().AddSingleton<SendingLoop>();
        services.AddSingleton<ToBeReached>().AddSingleton<Reissuing>().AddSingleton<CaseDesk>().AddSingleton<DeskActs>().AddSingleton<Queue>().AddSingleton<Timeline>().AddSingleton<Searches>().AddSingleton<Serving>();
        services.AddSingleton<CaseStories>().AddSingleton<CaseWording>().AddSingleton<CaseForms>().AddSingleton<FilesInVain>().AddSingleton<Uploads>().AddSingleton<DocumentChecks>().AddSingleton<HelperGrants>().AddSingleton<HelperSessions>();
        services.AddApiDescription(core.Settings.PublicUrl);
        services.AddDataProtection().SetApplicationName("manzil");
        services.Configure<KeyManagementOptions>(o => o.XmlRepository = new FormKeys(core.Database));
        services.AddTrustedProxy(core.Settings.TrustedProxy);

        var app = builder.Build();
        AskedIn.Tell(core.Writer, app.Services.GetRequiredService<IHttpContextAccessor>());
        app.UseTrustedProxy();
        app.UseLayout();
        app.Use(AccessRules.CheckAsync);
        app.Use(SignedIn.FindAsync);
        app.Use(StaffPage.FindAsync);
        app.Use(app.Services.GetRequiredService<Uploads>().BodiesAsync);
        var api = app.MapGroup("/api/v1");
        api.MapSessions();
        api.MapNotices();
        api.MapCase();
        app.MapPasskeys();
        app.MapGateway();
        StaffPasskeys.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapLog();
        app.MapKeys();
        app.MapHealth();
        return app;
    }
}
