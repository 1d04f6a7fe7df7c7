using System.CommandLine;

namespace Manzil;

/// <summary>manzil help: what a newcomer does first, and every command with one example.</summary>
static class HelpCommand
{
    const string Text = """
        Manzil: a worker tells a migration authority where they live, and can always prove that they did.

        See it work, with invented people, on this machine only:
          manzil serve --demo

        Run a service (docs/operating.md has the whole story):
          manzil serve --public-url https://manzil.example --rules rules.json
                                    keys and database stand in ./data, or in the folder given with --data
          manzil database prepare --database postgres://manzil_owner@localhost/manzil --role manzil
                                    before the first start on PostgreSQL, and after every upgrade: makes the tables
                                    as their owner, and lets the role use them as which the service runs
          manzil worker enrol --card FC1000017 --name "Aziz Rahimov" --document "UZB|AA1234567|1990-05-17"
                              --public-url https://manzil.example --rules rules.json
                                    makes a worker known and prints the slip with which they sign in
          manzil worker code --document "UZB|AA1234567|1990-05-17"
                              --public-url https://manzil.example --rules rules.json
                                    for who lost card, phone or number: prints a slip with a new activation code

        Let officers in, the first lead reviewer before all others, who then agrees to each of them at /staff/lead:
          manzil staff invite "Nera Quill" --number 1001 --role lead-reviewer --office NRV-01
                              --public-url https://manzil.example --rules rules.json
          manzil staff role --number 1001 --role reviewer --public-url https://manzil.example --rules rules.json
          manzil staff dismiss --number 1003 --public-url https://manzil.example --rules rules.json
          manzil staff list --public-url https://manzil.example --rules rules.json

        Check a receipt, without the internet; keys.json is fetched once and kept:
          curl -sO https://manzil.example/.well-known/manzil/keys.json
          manzil receipt verify manzil-*.zip --keys keys.json
          manzil receipt verify "MNZ1:…" --keys keys.json --document "UZB|AA1234567|1990-05-17"
                                    exit code 0: genuine, and for this document if one was asked about; 1: not genuine;
                                    3: could not be read; 4: for another document; 5: replaced by another that was given

        Check the public log, as anybody may:
          manzil log audit https://manzil.example/log --keys keys.json --state seen.txt
                                    run it again later: with --state it finds a log that was rewritten;
                                    exit code 3: the log could not be read, which is no verdict

        After the database was restored from a backup:
          manzil log reopen --public-url https://manzil.example --rules rules.json

        What is kept about people, column by column, and for how long, as an auditor reads it from the database itself:
          manzil privacy inventory --rules rules.json

        Days on which the service did not work, where it cannot see it itself (an SMS gateway that was down):
          manzil outage record 2026-05-04 2026-05-05 --reason "SMS did not arrive"
                              --public-url https://manzil.example --rules rules.json
                                    what was due on those days is due later; stated in the log and on /status

        Count working days:
          manzil calendar add 2026-03-02 10 --rules rules.json
          manzil calendar show 2026 --rules rules.json

        Watch what the rules do to invented people over months, in fast-forward, on a database that is thrown away:
          manzil simulate --people 1000 --days 180 --svg curves.svg

        'manzil help COMMAND' explains every option, as in 'manzil help serve'.
        Exit codes: 0 yes or done, 1 no or not possible, 2 wrong usage. Errors are one sentence.
        """;

    public static Command Create()
    {
        var about = new Argument<string[]>("COMMAND") { Description = "A command, whose options are explained.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("help", "What there is, and what to do first.") { about };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(about) is { Length: > 0 } words)
            {
                // 'manzil help calendar add 2026-03-02' is about 'manzil calendar add'.
                var root = parsed.RootCommandResult.Command;
                var asked = root.Parse(words);
                if (asked.CommandResult.Command.Subcommands.Count > 0 && asked.UnmatchedTokens.Count > 0) throw new CommandLineException(Mistyped.Say(asked));
                return root.Parse([.. Mistyped.NameOf(asked.CommandResult).Split(' ')[1..], "--help"]).Invoke(parsed.InvocationConfiguration);
            }

            parsed.InvocationConfiguration.Output.WriteLine(Text);
            return 0;
        });
        return command;
    }
}
