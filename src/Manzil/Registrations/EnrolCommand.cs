using System.CommandLine;
using Manzil.Receipts;
using Manzil.Register;
using Manzil.Rules;
using Manzil.SignIn;
using Manzil.Typing;

namespace Manzil.Registrations;

/// <summary>manzil worker enrol: for a place without a desk; prints the activation slip.</summary>
public static class EnrolCommand
{
    public static Command Create()
    {
        var card = new TypedOption("--card", TextKind.Number) { Description = "Number on the foreign citizen's card.", Required = true, HelpName = "NUMBER" };
        var name = new TypedOption("--name", TextKind.Line) { Description = "The worker's name as the document has it, given name first.", Required = true, HelpName = "NAME" };
        var document = new TypedOption("--document", TextKind.Number) { Description = "Identity document, as STATE|NUMBER|BIRTH-DATE: \"UZB|AA1234567|1990-05-17\", with XX for a day or month that the document does not show: 1990-XX-XX.", Required = true, HelpName = "DOCUMENT" };
        var office = new TypedOption("--office", TextKind.Made) { Description = "Code of the centre; the rules' first one by default.", HelpName = "CODE" };
        var language = new TypedOption("--language", TextKind.Made) { Description = "Language of messages: en, ru, kk.", HelpName = "TAG" };
        var phone = new TypedOption("--phone", TextKind.Phone) { Description = "Mobile number for SMS, as it is written here, or with + and the code of its country.", HelpName = "NUMBER" };
        var email = new TypedOption("--email", TextKind.Email) { Description = "E-mail address.", HelpName = "ADDRESS" };
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
        if (name.Length is < 1 or > 200) throw new CommandLineException("A name has 1 to 200 characters.");
        var document = CheckDocument(documentText);
        var office = CheckOffice(rules, officeCode);
        language ??= rules.Languages[0];
        if (!rules.Languages.Contains(language)) throw new CommandLineException($"The rules have no language '{language}': they have {string.Join(", ", rules.Languages)}.");
        var number = phone is null ? null : ContactAddress.Phone(phone, rules);
        if (phone is not null && number is null) throw new CommandLineException("This is no whole phone number: with + and its country's code it is +77011234567.");
        if (email is not null && ContactAddress.Email(email) is null) throw new CommandLineException("This is not an e-mail address.");
        return new Enrolment(
            cardNumber, name, document, office.Code.Value, language,
            number, email is null ? null : ContactAddress.Email(email));
    }

    public static string CheckCard(string typed) => CardNumber.Read(typed) switch
    {
        null => throw new CommandLineException("A card number has Latin letters, A to Z, and digits: there is another letter or sign in this one."),
        { Length: >= CardNumber.MinLength and <= CardNumber.MaxLength } number => number,
        _ => throw new CommandLineException($"A card number has {CardNumber.MinLength} to {CardNumber.MaxLength} letters and digits."),
    };

    public static IdentityDocument CheckDocument(string typed) => IdentityDocument.TryParse(TypedText.Of(TextKind.Number, typed).Text, out var document)
        ? document
        : throw new CommandLineException("A document is written STATE|NUMBER|BIRTH-DATE, as in \"UZB|AA1234567|1990-05-17\", or \"UZB|AA1234567|1990-XX-XX\" where it shows no day or month.");

    public static Office CheckOffice(Jurisdiction rules, string? code) =>
        (code is null ? rules.DefaultOffice : rules.Offices.FirstOrDefault(o => o.Code.Value == code))
        ?? throw new CommandLineException($"The rules have no centre '{code}': they have {string.Join(", ", rules.Offices.Select(o => o.Code.Value))}.");
}
