using Manzil.Messages;

namespace Manzil.Outgoing;

/// <summary>What a connection to the outside is for. There is no purpose by which data of people leaves in bulk.</summary>
public enum Purpose
{
    /// <summary>One message to one worker, through the operator's SMTP server.</summary>
    Email,

    /// <summary>One message to one worker, through the operator's SMS gateway.</summary>
    Sms,

    /// <summary>Whoever audits reads a log whose address they gave.</summary>
    LogAudit,

    /// <summary>Whoever verifies a receipt fetches public keys from the address that they gave.</summary>
    PublicKeys,
}

/// <summary>Where a purpose leads: one host and port, as the operator or whoever runs the command wrote it.</summary>
public sealed record Destination
{
    Destination(Purpose purpose, Uri url) => (Purpose, Url) = (purpose, url);

    public Purpose Purpose { get; }

    public Uri Url { get; }

    public string Host => Url.IdnHost;

    public int Port => Url.Port;

    public static Destination Of(SmtpSettings smtp) => new(Purpose.Email, new UriBuilder("smtp", smtp.Host, smtp.Port).Uri);

    public static Destination Of(SmsSettings sms) => new(Purpose.Sms, sms.Url);

    public static Destination OfLog(Uri given) => new(Purpose.LogAudit, given);

    public static Destination OfKeys(Uri given) => new(Purpose.PublicKeys, given);
}
