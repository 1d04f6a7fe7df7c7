using System.Collections.Concurrent;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Manzil.Outgoing;
using MimeKit;
using NodaTime;

namespace Manzil.Messages;

/// <summary>E-mail by SMTP: plain text, no more than the message. A connection serves several messages while there are some.</summary>
public sealed class SmtpSender(SmtpSettings settings, string issuer, IClock clock) : IMessageSender, IDisposable
{
    static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    readonly OutgoingGate _gate = new(Destination.Of(settings));
    readonly ConcurrentBag<SmtpClient> _idle = [];
    readonly string _host = new Uri(issuer).IdnHost;

    public async Task<Attempt> SendAsync(WaitingMessage message, CancellationToken cancellation)
    {
        if (message.To is not { Kind: "email" } recipient) return Attempt.ToNobody;
        if (!MailboxAddress.TryParse(recipient.Address, out var to)) return new Attempt(Outcome.Refused, "what was kept as its address is none");
        SmtpClient? client = null;
        try
        {
            client = await KeptAsync(cancellation);
            if (client is null)
            {
                client = new SmtpClient { CheckCertificateRevocation = false, LocalDomain = _host };
                await OpenAsync(client, cancellation);
            }

            if (!recipient.Address.All(char.IsAscii) && !client.Capabilities.HasFlag(SmtpCapabilities.UTF8)) return new Attempt(Outcome.Refused, "the SMTP server cannot send to addresses with such letters");
            // A library that did not see the cancellation at once would hold up the place of another message.
            // The envelope is the one recipient, whatever a header says.
            var letter = Compose(message, to);
            await client.SendAsync(letter, letter.From.Mailboxes.Single(), [to], cancellation).WaitAsync(cancellation);
            _idle.Add(client);
            client = null;
            return Attempt.Taken;
        }
        catch (Exception e) when (Read(e) is { } attempt)
        {
            return attempt;
        }
        finally
        {
            client?.Dispose();
        }
    }

    // A server may have closed a connection that was kept; NOOP tells.
    async Task<SmtpClient?> KeptAsync(CancellationToken cancellation)
    {
        while (_idle.TryTake(out var client))
        {
            try
            {
                await client.NoOpAsync(cancellation).WaitAsync(cancellation);
                return client;
            }
            catch (Exception e) when (e is IOException or SocketException or ProtocolException or CommandException or ServiceNotConnectedException)
            {
                client.Dispose();
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }

        return null;
    }

    async Task OpenAsync(SmtpClient client, CancellationToken cancellation)
    {
        var security = settings.Security switch
        {
            SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
            SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
            _ => SecureSocketOptions.None,
        };
        var connection = await _gate.ConnectAsync(cancellation);
        try
        {
            await client.ConnectAsync(connection, settings.Host, settings.Port, security, cancellation).WaitAsync(cancellation);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        if (settings is { User: { } user, Password: { } password }) await client.AuthenticateAsync(user, password, cancellation).WaitAsync(cancellation);
    }

    MimeMessage Compose(WaitingMessage message, MailboxAddress to)
    {
        var mail = new MimeMessage { MessageId = $"{message.Name}@{_host}", Date = clock.GetCurrentInstant().ToDateTimeOffset(), Subject = message.Subject, Body = new TextPart("plain") { Text = message.Body } };
        mail.From.Add(new MailboxAddress(settings.From.DisplayName, settings.From.Address));
        mail.To.Add(to);
        // Holiday notes and their like are not to answer (RFC 3834).
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        mail.Headers.Add(HeaderId.ContentLanguage, message.Language);
        return mail;
    }

    /// <summary>Only numbers of the server's answer are kept: its words may hold an address.</summary>
    static Attempt? Read(Exception e) => e switch
    {
        // It closes the line, whatever was said before: about our address, the recipient or the message it says nothing.
        SmtpCommandException { StatusCode: (SmtpStatusCode)421 } => Trouble("the SMTP server answered 421"),
        // 53x and 5.7.x say that we may not send through this server, or not so: the operator can cure that.
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted } refused => (int)refused.StatusCode switch
        {
            530 or 534 or 535 or 538 => Trouble($"the SMTP server answered {(int)refused.StatusCode}"),
            >= 500 and < 600 and var code when !refused.Message.StartsWith("5.7.", StringComparison.Ordinal) => new Attempt(Outcome.Refused, $"the SMTP server refused the recipient ({code})"),
            var code => new Attempt(Outcome.Later, $"the SMTP server did not accept the recipient ({code})"),
        },
        SmtpCommandException { ErrorCode: SmtpErrorCode.MessageNotAccepted } refused => new Attempt(Outcome.Later, $"the SMTP server did not accept the message ({(int)refused.StatusCode})"),
        SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted } refused when (int)refused.StatusCode >= 500 => Trouble($"the SMTP server does not accept our sender's address ({(int)refused.StatusCode})"),
        SmtpCommandException refused => Trouble($"the SMTP server answered {(int)refused.StatusCode}"),
        SslHandshakeException => Trouble("no secure connection to the SMTP server could be made: is its certificate valid for its name?"),
        AuthenticationException => Trouble("the SMTP server refuses the user or the password"),
        // STARTTLS or AUTH.
        NotSupportedException => Trouble("the SMTP server does not offer the security, or the signing in, that the messages file asks for"),
        SocketException => Trouble("the SMTP server cannot be connected to"),
        ProtocolException => Trouble("the SMTP server cut the line, or does not speak SMTP"),
        IOException or ServiceNotConnectedException or ServiceNotAuthenticatedException => Trouble("the SMTP server cut the line"),
        _ => null,
    };

    static Attempt Trouble(string why) => new(Outcome.Trouble, why);

    public async Task RestAsync()
    {
        using var patience = new CancellationTokenSource(Goodbye);
        while (_idle.TryTake(out var client))
        {
            try
            {
                await client.DisconnectAsync(quit: true, patience.Token).WaitAsync(patience.Token);
            }
            catch (Exception e) when (e is OperationCanceledException || Read(e) is not null)
            {
                // Whatever it held was taken before.
            }
            finally
            {
                client.Dispose();
            }
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var client)) client.Dispose();
    }
}
