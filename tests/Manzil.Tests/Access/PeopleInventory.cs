namespace Manzil.Tests.Access;

/// <summary>What a route shows of people.</summary>
enum Shows
{
    /// <summary>Nothing of any worker.</summary>
    Nobody,

    /// <summary>To a worker, themselves.</summary>
    Self,

    /// <summary>To a helper, the one worker who let them in, and of that worker what they were let see.</summary>
    Helper,

    /// <summary>To an officer, one worker: whose case is open, or who was asked for by one exact number and with a reason.</summary>
    One,

    /// <summary>To an officer, numbers and dates, of cases and of what they did themselves: nothing that tells who it is, and so no look.</summary>
    Queue,

    /// <summary>Officers, to a lead reviewer.</summary>
    Officers,

    /// <summary>Invented people, in the demo only.</summary>
    Demo,
}

/// <summary>
/// Every route with what it shows of people; a test compares it with the service's endpoints and with their answers. There is
/// no kind for a list of people, a search that finds several, or an export of others: a route that did so could not be written down.
/// </summary>
static class PeopleInventory
{
    public static IReadOnlyDictionary<string, Shows> All { get; } = new Dictionary<string, Shows>
    {
        ["/"] = Shows.Self,
        ["/error"] = Shows.Nobody,
        ["/help"] = Shows.Nobody,
        ["/privacy"] = Shows.Nobody,
        ["/language"] = Shows.Nobody,
        ["/verify"] = Shows.Nobody,
        ["/status"] = Shows.Nobody,
        ["/demo/clock"] = Shows.Demo,
        ["/demo/messages"] = Shows.Demo,

        ["/sign-in"] = Shows.Nobody,
        ["/sign-in/passkey/{purpose}"] = Shows.Self,
        ["/sign-in/passkey-offer"] = Shows.Self,
        ["/sign-in/fresh"] = Shows.Self,
        ["/sign-in/code"] = Shows.Nobody,
        ["/sign-in/document"] = Shows.Nobody,
        ["/sign-in/document/code"] = Shows.Nobody,
        ["/sign-in/recovery"] = Shows.Nobody,
        ["/sign-out"] = Shows.Nobody,
        ["/account"] = Shows.Self,
        ["/account/channel"] = Shows.Self,
        ["/account/channel/code"] = Shows.Self,
        ["/account/channel/{id:long}/remove"] = Shows.Self,
        ["/account/export"] = Shows.Self,
        ["/account/recovery-codes"] = Shows.Self,
        ["/messages"] = Shows.Self,
        ["/not-mine"] = Shows.Nobody,
        ["/registration"] = Shows.Self,
        ["/residence/{replaces?}"] = Shows.Self,
        ["/confirmation"] = Shows.Self,
        ["/departure/{replaces?}"] = Shows.Self,
        ["/departure/undo"] = Shows.Self,
        ["/case"] = Shows.Self,
        ["/case/answer"] = Shows.Self,
        ["/case/appeal"] = Shows.Self,
        ["/case/files/{id:long}"] = Shows.Self,
        ["/looks"] = Shows.Self,
        ["/helpers"] = Shows.Self,
        ["/helpers/new"] = Shows.Self,
        ["/helper"] = Shows.Nobody,
        ["/helper/file"] = Shows.Helper,
        ["/helper/files/{id:long}"] = Shows.Helper,
        ["/helper/answer"] = Shows.Helper,
        ["/helper/appeal"] = Shows.Helper,
        ["/notices"] = Shows.Self,
        ["/notices/{number}"] = Shows.Self,
        ["/notices/{number}/print"] = Shows.Self,
        ["/notices/{number}/receipt.zip"] = Shows.Self,

        ["/api/v1/sessions"] = Shows.Nobody,
        ["/api/v1/sessions/sent-code"] = Shows.Nobody,
        ["/api/v1/sessions/by-sent-code"] = Shows.Nobody,
        ["/api/v1/sessions/renew"] = Shows.Nobody,
        ["/api/v1/sessions/code"] = Shows.Nobody,
        ["/api/v1/sessions/fresh"] = Shows.Nobody,
        ["/api/v1/sessions/key"] = Shows.Nobody,
        ["/api/v1/me"] = Shows.Self,
        ["/api/v1/case"] = Shows.Self,
        ["/api/v1/case/answers"] = Shows.Self,
        ["/api/v1/case/appeals"] = Shows.Self,
        ["/api/v1/notices"] = Shows.Self,
        ["/api/v1/notices/{number}"] = Shows.Self,
        ["/api/v1/notices/{number}/receipt.zip"] = Shows.Self,

        ["/staff"] = Shows.Nobody,
        ["/staff/sign-in"] = Shows.Nobody,
        ["/staff/sign-out"] = Shows.Nobody,
        ["/staff/passkeys"] = Shows.Nobody,
        ["/staff/audit"] = Shows.Nobody,
        ["/staff/passkey/{purpose}/{token?}"] = Shows.Nobody,
        ["/staff/invitation/{token}"] = Shows.Officers,
        ["/staff/demo/{token}"] = Shows.Demo,
        ["/staff/cases"] = Shows.Queue,
        ["/staff/cases/{number}"] = Shows.One,
        ["/staff/cases/{number}/answers/{answer}"] = Shows.One,
        ["/staff/cases/{number}/delivered"] = Shows.One,
        ["/staff/cases/{number}/documents/{document:long}"] = Shows.One,
        ["/staff/cases/{number}/{slug:regex(^(keep|propose|agree|disagree|withdraw|put-in-effect|decide-for|decide-against|reinstate)$)}"] = Shows.One,
        ["/staff/receipts/{number}"] = Shows.Queue,
        ["/staff/search"] = Shows.Nobody,
        ["/staff/search/{look:long}"] = Shows.One,
        ["/staff/search/{look:long}/open"] = Shows.One,
        ["/staff/desk"] = Shows.Nobody,
        ["/staff/desk/enrol"] = Shows.Nobody,
        ["/staff/desk/serve"] = Shows.Nobody,
        ["/staff/desk/receipts/{number}"] = Shows.Queue,
        ["/staff/desk/reach"] = Shows.Queue,
        ["/staff/desk/reach/{entry}"] = Shows.One,
        ["/staff/desk/{look:long}"] = Shows.One,
        ["/staff/desk/{look:long}/account/channel"] = Shows.One,
        ["/staff/desk/{look:long}/account/channel/code"] = Shows.One,
        ["/staff/desk/{look:long}/account/channel/{id:long}/remove"] = Shows.One,
        ["/staff/desk/{look:long}/again"] = Shows.Nobody,
        ["/staff/desk/{look:long}/case/answer"] = Shows.One,
        ["/staff/desk/{look:long}/case/appeal"] = Shows.One,
        ["/staff/desk/{look:long}/code"] = Shows.One,
        ["/staff/desk/{look:long}/confirmation"] = Shows.One,
        ["/staff/desk/{look:long}/departure/{replaces?}"] = Shows.One,
        ["/staff/desk/{look:long}/departure/undo"] = Shows.One,
        ["/staff/desk/{look:long}/details"] = Shows.One,
        ["/staff/desk/{look:long}/notices/{number}"] = Shows.One,
        ["/staff/desk/{look:long}/notices/{number}/print"] = Shows.One,
        ["/staff/desk/{look:long}/registration"] = Shows.One,
        ["/staff/desk/{look:long}/residence/{replaces?}"] = Shows.One,
        ["/staff/lead"] = Shows.Officers,
        ["/staff/lead/staff/{id:long}"] = Shows.Officers,
        ["/staff/lead/pause"] = Shows.Nobody,

        ["/gateway/sms/reports"] = Shows.Nobody,
        ["/gateway/sms/incoming"] = Shows.Nobody,
        ["/gateway/email/bounces"] = Shows.Nobody,

        ["/log/checkpoint"] = Shows.Nobody,
        ["/log/tile/{**path}"] = Shows.Nobody,
        ["/log/statements/{position:long}"] = Shows.Nobody,
        ["/log/statements/{position:long}/record"] = Shows.Nobody,
        ["/log/{log:int:min(1)}/checkpoint"] = Shows.Nobody,
        ["/log/{log:int:min(1)}/tile/{**path}"] = Shows.Nobody,
        ["/log/{log:int:min(1)}/statements/{position:long}"] = Shows.Nobody,
        ["/log/{log:int:min(1)}/statements/{position:long}/record"] = Shows.Nobody,
        ["/.well-known/manzil/keys.json"] = Shows.Nobody,
        ["/openapi/{documentName}.json"] = Shows.Nobody,
        ["/health/live"] = Shows.Nobody,
        ["/health/ready"] = Shows.Nobody,
    };
}
