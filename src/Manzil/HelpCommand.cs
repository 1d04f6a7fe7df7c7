using System.CommandLine;

namespace Manzil;

/// <summary>manzil help: what a newcomer does first, and every command with one example.</summary>
static class HelpCommand
{
    const string Text = """
        Manzil: a worker tells a migration authority where they live, and can always prove that they did.

        Try it:
          ./run                                   the demo at http://localhost:8080 (same as: manzil serve --demo)

        Serve:
          manzil serve --public-url https://manzil.example --rules rules.json [--data DIR] [--database sqlite|postgres://…] [--urls URL]
          manzil worker enrol --card NUMBER --name NAME --document "UZB|AA1234567|1990-05-17" --rules FILE --public-url URL
                                                  make a worker known and print the activation slip

        Check a receipt, offline:
          manzil receipt verify FILE-OR-TEXT --keys FILE-OR-URL [--proof FILE] [--record FILE] [--document "UZB|AA1234567|1990-05-17"]

        Check the log:
          manzil log audit URL-OR-DIR --keys FILE-OR-URL [--state FILE]
                                                  every tile against the checkpoint, and against the checkpoint seen last time
          manzil log reopen --rules FILE --public-url URL [--data DIR] [--database …]
                                                  after the database was restored from a backup

        Reckon a date:
          manzil calendar add DATE WORKING-DAYS (--rules FILE | --calendar FILE.xml …)

        'manzil COMMAND --help' tells every option. Exit codes: 0 yes, 1 no, 2 wrong usage.
        """;

    public static Command Create()
    {
        var command = new Command("help", "What there is, and what to do first.");
        command.SetAction(_ =>
        {
            Console.WriteLine(Text);
            return 0;
        });
        return command;
    }
}
