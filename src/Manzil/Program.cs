using System.CommandLine;
using Manzil;

var root = new RootCommand("Manzil: tell a migration authority where you live, and hold the proof.")
{
    VerifyCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
