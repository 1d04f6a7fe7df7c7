using System.CommandLine;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;

namespace Manzil.Registrations;

/// <summary>manzil worker enrol: for a place without a desk; prints the activation slip.</summary>
public static class EnrolCommand
{
    public static Command Create()
    {
        var card = new Option<string>("--card") { Description = "Number on the foreign citizen's card.", Required = true, HelpName = "NUMBER" };
        var name = new Option<string>("--name") { Description = "The worker's name as the document has it, given name first.", Required = true, HelpName = "NAME" };
        var document = new Option<string>("--document") { Description = "Identity document, as STATE|NUMBER|BIRTH-DATE: \"UZB|AA1234567|1990-05-17\".", Required = true, HelpName = "DOCUMENT" };
        var office = new Option<string?>("--office") { Description = "Code of the centre; the rules' first one by default.", HelpName = "CODE" };
        var language = new Option<string?>("--language") { Description = "Language of messages: en, ru, kk.", HelpName = "TAG" };
        var phone = new Option<string?>("--phone") { Description = "Mobile number for SMS, with + and country code.", HelpName = "NUMBER" };
        var email = new Option<string?>("--email") { Description = "E-mail address.", HelpName = "ADDRESS" };
        var where = new ServiceOptions();

        var enrol = new Command("enrol", "Make a worker known and print the slip with the activation code.");
        foreach (var option in (Option[])[card, name, document, office, language, phone, email]) enrol.Options.Add(option);
        where.AddTo(enrol);
        enrol.SetAction(async (parsed, cancellation) =>
        {
            await using var core = await Core.OpenAsync(where.Read(parsed));
            var enrolment = Check(
                core.Rules, parsed.GetValue(card)!, parsed.GetValue(name)!, parsed.GetValue(document)!, parsed.GetValue(office),
                parsed.GetValue(language), parsed.GetValue(phone), parsed.GetValue(email));
            var act = new Enrol(enrolment, core.Rules) { ReceivedAt = core.Clock.GetCurrentInstant(), Channel = RecordChannel.Operator };
            switch (await core.Writer.SubmitAsync(act))
            {
                case ActResult.Accepted accepted:
                    ActivationSlip.Print(enrolment.Name, enrolment.CardNumber, act.ActivationCode, act.CodeExpires, accepted.Number, core);
                    return 0;
                case ActResult.Refused:
                    throw new CommandLineException($"A worker with the card {enrolment.CardNumber} or with this document is enrolled already.", 1);
                case ActResult.Unavailable unavailable:
                    throw new CommandLineException(unavailable.Sentence, 1);
                default:
                    throw new InvalidOperationException();
            }
        });

        var worker = new Command("worker", "Workers, where there is no desk to enrol them.");
        worker.Subcommands.Add(enrol);
        worker.Subcommands.Add(CodeCommand.Create());
        return worker;
    }

    static Enrolment Check(
        Jurisdiction rules, string card, string name, string documentText, string? officeCode, string? language, string? phone, string? email)
    {
        var cardNumber = CheckCard(card);
        name = name.Trim();
        if (name.Length is < 1 or > 200 || name.Any(char.IsControl)) throw new CommandLineException("A name has 1 to 200 characters.");
        var document = CheckDocument(documentText);
        var office = CheckOffice(rules, officeCode);
        language ??= rules.Languages[0];
        if (!rules.Languages.Contains(language)) throw new CommandLineException($"The rules have no language '{language}': they have {string.Join(", ", rules.Languages)}.");
        if (phone is not null && ContactAddress.Phone(phone) is null) throw new CommandLineException("A phone number is written with + and its country code: +77011234567.");
        if (email is not null && ContactAddress.Email(email) is null) throw new CommandLineException("This is not an e-mail address.");
        return new Enrolment(
            cardNumber, name, document, office.Code.Value, language,
            phone is null ? null : ContactAddress.Phone(phone), email is null ? null : ContactAddress.Email(email));
    }

    public static string CheckCard(string typed) => CardNumber.Normalize(typed) is { Length: >= CardNumber.MinLength and <= CardNumber.MaxLength } number
        ? number
        : throw new CommandLineException($"A card number has {CardNumber.MinLength} to {CardNumber.MaxLength} letters and digits.");

    public static IdentityDocument CheckDocument(string typed) => IdentityDocument.TryParse(typed, out var document)
        ? document
        : throw new CommandLineException("A document is written STATE|NUMBER|BIRTH-DATE, as in \"UZB|AA1234567|1990-05-17\".");

    public static Office CheckOffice(Jurisdiction rules, string? code) =>
        (code is null ? rules.DefaultOffice : rules.Offices.FirstOrDefault(o => o.Code.Value == code))
        ?? throw new CommandLineException($"The rules have no office '{code}': they have {string.Join(", ", rules.Offices.Select(o => o.Code.Value))}.");
}
