using System.Net;
using Manzil.Demo;
using Manzil.Layout;
using Manzil.Rules;
using Manzil.Staff;
using Manzil.Tests.Databases;
using Manzil.Tests.SignIn;
using Microsoft.Extensions.DependencyInjection;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;
using Visitor = Manzil.Tests.Notices.Visitor;

namespace Manzil.Tests.Demo;

/// <summary>A visitor of the demo is any officer, by a link that works once and exists nowhere else.</summary>
public class DemoStaffTests
{
    [Theory, EachDatabase]
    public async Task Prepare_AtEachStart_HasEveryRoleTwoCaseworkersAndNewLinks(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var links = service.Services.GetRequiredService<DemoSignIn>();
        var first = await DemoStaff.PrepareAsync(service.Core, service.Clock, links);
        Assert.Equal(StaffRoles.All.Select(r => r.Name()).Append("caseworker").Order(), first.Select(o => o.Role).Order());
        foreach (var officer in first)
        {
            using var reader = new WebReader(service);
            var path = new Uri(officer.SignInUrl).AbsolutePath;
            using (var entered = await reader.OpenAsync(path)) Assert.Equal("/staff", entered.Headers.Location?.OriginalString);
            Assert.Contains(officer.Name, await reader.ReadAsync("/staff"));
            using var again = await reader.OpenAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        }

        // Whom a visitor dismissed is back at the next start.
        await service.Services.GetRequiredService<Appointments>().DismissAsync((await service.Services.GetRequiredService<Officers>().ListAsync()).First(o => o.Role == StaffRole.Clerk).Number);
        var second = await DemoStaff.PrepareAsync(service.Core, service.Clock, links);
        Assert.Empty(second.Select(o => o.SignInUrl).Intersect(first.Select(o => o.SignInUrl)));
        Assert.All(await service.Services.GetRequiredService<Officers>().ListAsync(), o => Assert.Equal(OfficerState.Working, o.State));
        Assert.Equal(first.Count, (await service.Services.GetRequiredService<Officers>().ListAsync()).Count);
    }

    // found.md 29: a bare 404 does not say why, nor what to do.
    [Theory, InlineData("en"), InlineData("ru"), InlineData("kk")]
    public async Task Get_LinkThatWasUsed_SaysSoAndWhereANewOneComesFrom(string lang)
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var (staff, _) = await service.StaffAsync(StaffRole.Caseworker);
        var link = "/staff/demo/" + service.Services.GetRequiredService<DemoSignIn>().Make(staff.Id);
        Assert.Equal("/staff", (await new Visitor(service, "nobody", lang).GetAsync(link)).Path);

        var late = await new Visitor(service, "nobody", lang).GetAsync(link);
        var t = Texts.For(lang);
        Assert.Equal((HttpStatusCode.NotFound, t["demo-link.title"]), (late.Status, late.Heading));
        Assert.Contains(t["demo-link.what"], late.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_LinkOutsideTheDemo_DoesNotExist()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite, demo: false);
        var (staff, _) = await service.StaffAsync(StaffRole.Caseworker);
        using var reader = new WebReader(service);
        using var answer = await reader.OpenAsync("/staff/demo/" + service.Services.GetRequiredService<DemoSignIn>().Make(staff.Id));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        using var home = await reader.OpenAsync("/staff");
        Assert.Equal(HttpStatusCode.Redirect, home.StatusCode);
    }
}
