using System.Reflection;
using Manzil.Access;
using Manzil.Status;
using Manzil.Tests.Databases;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Manzil.Tests.Access;

/// <summary>Each page and route declares its access rule once, at its folder; without one it is not there.</summary>
public class AccessRulesTests
{
    [Fact]
    public async Task Endpoint_EachOfTheService_HasARuleThatItsKindKeeps()
    {
        await using var service = await TestService.StartAsync(DatabaseKind.Sqlite);
        var loader = service.Services.GetRequiredService<PageLoader>();
        var wrong = new List<string>();
        foreach (var asked in await Routes.AllAsync(service))
        {
            if (asked.Rule is not { } rule)
            {
                wrong.Add($"{asked}: no folder of AccessRules holds it");
                continue;
            }

            if (asked.Endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not { } page) continue;
            if (!rule.IsKeptBy((await loader.LoadAsync(page, asked.Endpoint.Metadata)).HandlerTypeInfo)) wrong.Add($"{asked}: its base class is not that of {rule.Door}");
            // An officer's cookie goes nowhere else.
            if (rule.Door == Door.Staff && asked.Pattern != "/staff" && !asked.Pattern.StartsWith("/staff/", StringComparison.Ordinal)) wrong.Add($"{asked}: officers' pages begin with /staff");
            // Nor does a helper's.
            if (rule.Door == Door.Helper && !asked.Pattern.StartsWith("/helper/", StringComparison.Ordinal)) wrong.Add($"{asked}: helpers' pages begin with /helper");
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("/Nowhere/Page", null)]
    [InlineData("/Page", null)]
    [InlineData("/Cases/Page", null)]
    [InlineData("/SignIn/SignInPageToo", Door.Worker)]
    [InlineData("/SignIn/SignInPage", Door.Everybody)]
    [InlineData("/Status/StatusPage", Door.Everybody)]
    [InlineData("/Status/Desk/Page", Door.Staff)]
    public void OfPage_Folder_TheLongestCounts(string page, Door? door) => Assert.Equal(door, AccessRules.OfPage(page)?.Door);

    [Theory]
    [InlineData("/Nowhere/Page", typeof(StatusPage), false)]
    [InlineData("/Cases/Desk/Page", typeof(StatusPage), false)]
    [InlineData("/Notices/Page", typeof(StatusPage), false)]
    [InlineData("/Status/Page", typeof(Manzil.SignIn.AccountPage), false)]
    [InlineData("/Helping/Door/Page", typeof(StatusPage), false)]
    [InlineData("/Helping/Door/HelperEntryPage", typeof(Manzil.Helping.Door.HelperFilePage), false)]
    [InlineData("/Status/Page", typeof(Manzil.Helping.Door.HelperFilePage), false)]
    [InlineData("/Helping/Door/HelperFilePage", typeof(Manzil.Helping.Door.HelperFilePage), true)]
    [InlineData("/Status/Page", typeof(StatusPage), true)]
    public async Task Check_PageWithoutARuleOrOfAnotherKind_IsNotThere(string path, Type page, bool isThere)
    {
        var descriptor = new CompiledPageActionDescriptor(new PageActionDescriptor { ViewEnginePath = path }) { HandlerTypeInfo = page.GetTypeInfo() };
        Assert.Equal(isThere, await IsThereAsync("/somewhere", descriptor));
    }

    [Theory]
    [InlineData("/somewhere", false)]
    [InlineData("/logs", false)]
    [InlineData("/log/checkpoint", true)]
    public async Task Check_RouteWithoutARule_IsNotThere(string pattern, bool isThere) => Assert.Equal(isThere, await IsThereAsync(pattern));

    static async Task<bool> IsThereAsync(string pattern, params object[] metadata)
    {
        var context = new DefaultHttpContext();
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0, new EndpointMetadataCollection(metadata), null));
        var reached = false;
        await AccessRules.CheckAsync(context, _ =>
        {
            reached = true;
            return Task.CompletedTask;
        });
        Assert.Equal(reached ? 200 : 404, context.Response.StatusCode);
        return reached;
    }
}
