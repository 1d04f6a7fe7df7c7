using System.CommandLine;

var root = new RootCommand("Manzil: tell a migration authority where you live, and hold the proof.");
return await root.Parse(args).InvokeAsync();
