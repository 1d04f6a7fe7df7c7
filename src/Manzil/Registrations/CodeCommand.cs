using System.CommandLine;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Typing;

namespace Manzil.Registrations;

/// <summary>manzil worker code: a new activation code for somebody who lost card, phone or number; for a place without a desk.</summary>
static class CodeCommand
{
    public static Command Create()
    {
        var card = new TypedOption("--card", TextKind.Number) { Description = "Number of the card that the worker is known by, also where it is lost.", HelpName = "NUMBER" };
        var document = new TypedOption("--document", TextKind.Number) { Description = "Or the identity document, as STATE|NUMBER|BIRTH-DATE: \"UZB|AA1234567|1990-05-17\", with XX for a day or month that the document does not show.", HelpName = "DOCUMENT" };
        var newCard = new TypedOption("--new-card", TextKind.Number) { Description = "Number of the card that takes the old one's place.", HelpName = "NUMBER" };
        var endSessions = new Option<bool>("--end-sessions") { Description = "Sign the worker out everywhere: for a phone that was stolen." };
        var office = new TypedOption("--office", TextKind.Made) { Description = "Code of the centre; the rules' first one by default.", HelpName = "CODE" };
        var where = new ServiceOptions();

        var code = new Command("code", "Give a worker whose document you have seen a new activation code, and print its slip.");
        foreach (var option in (Option[])[card, document, newCard, endSessions, office]) code.Options.Add(option);
        where.AddTo(code);
        code.SetAction(async (parsed, cancellation) =>
        {
            var (byCard, byDocument) = Which(parsed.GetValue(card), parsed.GetValue(document));
            var replacement = parsed.GetValue(newCard) is { } typed ? EnrolCommand.CheckCard(typed) : null;
            await using var core = await Core.OpenAsync(where.Read(parsed));
            var centre = EnrolCommand.CheckOffice(core.Rules, parsed.GetValue(office));
            var worker = await FindAsync(core, byCard, byDocument);
            var telling = new Telling(core.Rules, core.Settings.PublicUrl, shownAtOnce: false);
            var act = new IssueCode(centre.Code.Value, replacement, parsed.GetValue(endSessions), core.Rules, telling)
            {
                ReceivedAt = core.Clock.GetCurrentInstant(),
                Channel = RecordChannel.Operator,
                WorkerId = worker.Id,
            };
            switch (await core.Writer.SubmitAsync(act, worker))
            {
                case ActResult.Accepted accepted:
                    ActivationSlip.Print(worker.Name, replacement ?? worker.CardNumber, act.ActivationCode, act.CodeExpires, accepted.Number, core);
                    return 0;
                case ActResult.Refused { Reason: "card-known" }:
                    throw new CommandLineException($"The card {replacement} belongs to another worker.", 1);
                case ActResult.Unavailable unavailable:
                    throw new CommandLineException(unavailable.Sentence, 1);
                default:
                    throw new InvalidOperationException();
            }
        });
        return code;
    }

    static (string? Card, IdentityDocument? Document) Which(string? card, string? document)
    {
        if (card is null == document is null) throw new CommandLineException("Say whose code it is: either --card NUMBER or --document \"STATE|NUMBER|BIRTH-DATE\".");
        return card is null ? (null, EnrolCommand.CheckDocument(document!)) : (EnrolCommand.CheckCard(card), null);
    }

    static async Task<Worker> FindAsync(Core core, string? card, IdentityDocument? document)
    {
        await using var connection = await core.Database.OpenAsync();
        var found = document is null
            ? await connection.QuerySingleOrDefaultAsync<long?>("select id from worker where card_number = @card", new { card })
            : await DocumentLookup.FindAsync(connection, document);
        return found is { } id && await core.Workers.FindAsync(id) is { } worker
            ? worker
            : throw new CommandLineException(document is null ? $"Nobody has the card {card}." : "Nobody is enrolled with this document.", 1);
    }
}
