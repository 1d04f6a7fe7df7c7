using System.Net;
using Dapper;
using Manzil.Cases;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Tests.Databases;
using Manzil.Tests.Helping;
using Manzil.Tests.Notices;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using DatabaseKind = Manzil.Tests.Databases.DatabaseKind;

namespace Manzil.Tests.Cases.Mine;

/// <summary>Each worker's session against every identifier of another: as if it were not there.</summary>
public class OwnCaseTests
{
    [Theory, EachDatabase]
    public async Task Get_WhatIsAnothers_IsNotFound(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (one, other) = (await CaseSetting.NewAsync(service), await CaseSetting.NewAsync(service));
        foreach (var setting in new[] { one, other })
        {
            await setting.OpenAsync();
            var worker = await (await setting.VisitAsync()).GetAsync("/case/answer");
            await worker.PostFilesAsync([("Text", $"The words of {setting.Worker.Worker.CardNumber}")], ("a.jpg", TaggedFiles.Jpeg()));
            await HelperTests.NameAsync(worker, "Helper of " + setting.Worker.Worker.CardNumber, "act");
        }

        foreach (var (mine, theirs) in new[] { (one, other), (other, one) })
        {
            await using var connection = await service.Core.Database.OpenAsync();
            var them = new { theirs.Worker.Worker.Id };
            var numbers = (await connection.QueryAsync<string>("select number from act where worker_id = @Id", them)).ToList();
            var files = (await connection.QueryAsync<long>("select id from attachment where worker_id = @Id", them)).ToList();
            var channels = (await connection.QueryAsync<long>("select id from channel where worker_id = @Id", them)).ToList();
            var grants = (await connection.QueryAsync<long>("select id from helper_grant where worker_id = @Id", them)).ToList();
            Assert.True(numbers.Count >= 6 && files.Count == 1 && channels.Count == 1 && grants.Count == 1);
            var visitor = await mine.VisitAsync();
            var paths = numbers.SelectMany(n => new[] { $"/notices/{n}", $"/notices/{n}/print", $"/notices/{n}/receipt.zip", $"/residence/{n}", $"/departure/{n}" })
                .Concat(files.Select(f => $"/case/files/{f}"));
            foreach (var path in paths)
            {
                await visitor.GetAsync(path);
                Assert.True(visitor.Status == HttpStatusCode.NotFound, $"{path}: {(int)visitor.Status} {visitor.Path}");
            }

            foreach (var n in numbers)
            {
                using var answer = await service.GetAsync(mine.Worker.Token, $"/api/v1/notices/{n}");
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }

            // A channel, a session and a helper of another's are none of mine: nothing changes.
            await visitor.GetAsync($"/account/channel/{channels[0]}/remove");
            Assert.Equal(HttpStatusCode.NotFound, visitor.Status);
            await visitor.GetAsync("/helpers");
            var token = visitor.Form()["__RequestVerificationToken"];
            await visitor.PostAsync("/helpers?handler=Withdraw", new() { ["id"] = grants[0].ToString(), ["__RequestVerificationToken"] = token });
            Assert.Equal(HttpStatusCode.NotFound, visitor.Status);
            Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from helper_grant where id = @id and withdrawn_at is null", new { id = grants[0] }));
            var session = await connection.ExecuteScalarAsync<byte[]>("select token_hash from session where worker_id = @Id", them);
            await visitor.PostAsync("/account?handler=End", new() { ["id"] = System.Buffers.Text.Base64Url.EncodeToString(session), ["__RequestVerificationToken"] = token });
            Assert.Equal(HttpStatusCode.NotFound, visitor.Status);
            Assert.Equal(1, await connection.ExecuteScalarAsync<long>("select count(*) from session where token_hash = @session", new { session }));

            // And no page shows their words.
            foreach (var path in new[] { "/", "/case", "/looks", "/helpers", "/messages", "/notices", "/account" })
            {
                await visitor.GetAsync(path);
                Assert.DoesNotContain(theirs.Worker.Worker.CardNumber, visitor.Html, StringComparison.Ordinal);
            }
        }
    }

    // In scope "act" a helper has one case, and no file of an earlier one.
    [Theory, EachDatabase]
    public async Task Helper_OfOneCase_SeesNoOther(DatabaseKind kind)
    {
        await using var service = await TestService.StartAsync(kind);
        var (setting, stranger) = (await CaseSetting.NewAsync(service), await CaseSetting.NewAsync(service));
        await using var connection = await service.Core.Database.OpenAsync();
        await stranger.OpenAsync();
        var theirs = await (await stranger.VisitAsync()).GetAsync("/case/answer");
        await theirs.PostFilesAsync([("Text", "x")], ("a.jpg", TaggedFiles.Jpeg()));
        await setting.OpenAsync();
        var worker = await (await setting.VisitAsync()).GetAsync("/case/answer");
        await worker.PostFilesAsync([("Text", "Words of the first case")], ("a.jpg", TaggedFiles.Jpeg()));
        var files = (await connection.QueryAsync<long>("select id from attachment order by id")).ToList();
        var (officer, _) = await service.StaffAsync(StaffRole.Caseworker);
        var (rules, telling) = (service.Core.CurrentRules.Now, service.Services.GetRequiredService<Telling>());
        async Task<string> DoAsync(Func<Instant, Act> make)
        {
            service.Clock.AdvanceMinutes(1);
            var act = make(service.Clock.GetCurrentInstant());
            act.WorkerId = setting.Worker.Worker.Id;
            return Assert.IsType<ActResult.Accepted>(await service.Core.Writer.SubmitAsync(act)).Number.ToString();
        }

        await DoAsync(at => new KeepWorker(officer.Actor, "The neighbours were wrong.", rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk });
        var number = await DoAsync(at => new OpenCaseWithReason(officer.Actor, "Another reason, of another day.", rules, telling) { ReceivedAt = at, Channel = RecordChannel.Desk });
        var second = await connection.ExecuteScalarAsync<long>("select id from case_file where act_number = @number", new { number });
        var code = await HelperTests.NameAsync(worker, "Sister", "act");
        Assert.Equal(second, await connection.ExecuteScalarAsync<long>("select case_id from helper_grant"));
        var helper = new Visitor(service, "nobody", "en");
        await HelperTests.EnterAsync(helper, code);
        Assert.Contains(number, helper.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Words of the first case", helper.Text, StringComparison.Ordinal);
        foreach (var id in files) Assert.Equal(HttpStatusCode.NotFound, (await helper.GetAsync($"/helper/files/{id}")).Status);
    }
}
