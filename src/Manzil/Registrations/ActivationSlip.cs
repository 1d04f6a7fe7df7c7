using Manzil.Receipts;
using Manzil.Register;
using NodaTime;

namespace Manzil.Registrations;

/// <summary>What a worker takes home to sign in with, as the command line prints it.</summary>
static class ActivationSlip
{
    public static void Print(string name, string card, string code, Instant expires, ReceiptNumber receipt, Core core) =>
        Console.WriteLine($"""
            ------------------------------------------------------------
            ACTIVATION SLIP: give it to the worker and to nobody else

              Name              {name}
              Card number       {card}
              Activation code   {code}
              Works once, until {Layout.Dates.InWords(core.Rules.DateOf(expires), "en")}
              Sign in at        {core.Issuer}/sign-in
              with card number, birth date and this code

              Receipt           {receipt}
            ------------------------------------------------------------
            """);
}
