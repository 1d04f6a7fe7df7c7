using NodaTime;

namespace Manzil;

/// <summary>
/// Every line that the service writes into the operator's log, and no other class writes one: LogTemplatesTests holds both. A value is
/// of a type of <see cref="LogWord"/>'s file, a number or a date: none of them can carry an address, or what somebody typed.
/// </summary>
public static partial class LogEvents
{
    [LoggerMessage(LogLevel.Information, "A worker signed in: {Kind}")]
    public static partial void WorkerSignedIn(ILogger log, LogWord kind);

    [LoggerMessage(LogLevel.Information, "A try to get in did not succeed, or not yet: {Way}")]
    public static partial void CodeFailed(ILogger log, LogWord way);

    [LoggerMessage(LogLevel.Information, "A try to get in has to wait: {Way}")]
    public static partial void ToldToWait(ILogger log, LogWord way);

    [LoggerMessage(LogLevel.Information, "A helper came in")]
    public static partial void HelperCameIn(ILogger log);

    [LoggerMessage(LogLevel.Information, "A passkey did not count: {Table} {Purpose}")]
    public static partial void PasskeyFailed(ILogger log, LogWord table, LogWord purpose);

    [LoggerMessage(LogLevel.Information, "Officer {Number} signed in")]
    public static partial void OfficerSignedIn(ILogger log, LogOfficer number);

    [LoggerMessage(LogLevel.Information, "Officer {Number} ({Role}) was refused {Page}")]
    public static partial void OfficerRefused(ILogger log, LogOfficer number, LogWord role, LogRoute page);

    [LoggerMessage(LogLevel.Information, "Refused with {Status}: {Method} {Route}")]
    public static partial void Refused(ILogger log, LogNumber status, LogWord method, LogRoute route);

    [LoggerMessage(LogLevel.Error, "The database did not answer: {Cause}")]
    public static partial void DatabaseDidNotAnswer(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "A request failed: {Cause}")]
    public static partial void RequestFailed(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "Nothing is written: {Cause}")]
    public static partial void RegisterStopped(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "The database could not be written: {Cause}")]
    public static partial void DatabaseNotWritten(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Warning, "The database can be written again")]
    public static partial void DatabaseWrittenAgain(ILogger log);

    [LoggerMessage(LogLevel.Warning, "A batch of {Count} failed and is cut in two: {Cause}")]
    public static partial void BatchCutInTwo(ILogger log, LogNumber count, LogCause cause);

    [LoggerMessage(LogLevel.Error, "An act of kind {Act} failed: {Cause}")]
    public static partial void ActFailed(ILogger log, LogType act, LogCause cause);

    [LoggerMessage(LogLevel.Error, "The heartbeat could not be left; it is tried again: {Cause}")]
    public static partial void HeartbeatFailed(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "What is due by the clock waits for the database: {Cause}")]
    public static partial void TimersWait(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "What is due by the clock could not be done; it is tried again: {Cause}")]
    public static partial void TimersFailed(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Warning, "No calendar covers {Year}: notices are accepted without a next deadline until the rules have it.")]
    public static partial void CalendarMissing(ILogger log, LogNumber year);

    [LoggerMessage(LogLevel.Warning, "The calendar ends with {Last:uuuu'-'MM'-'dd}: add the next year to the rules, or notices will be accepted without a next deadline.")]
    public static partial void CalendarEnds(ILogger log, LocalDate last);

    [LoggerMessage(LogLevel.Warning, "{Channel} waits, since no server or gateway for it is named: serve --messages FILE.")]
    public static partial void ChannelMissing(ILogger log, LogWord channel);

    [LoggerMessage(LogLevel.Error, "{Channel} is not sent properly: {Why}. Nothing is lost, and it is tried again")]
    public static partial void ChannelInTrouble(ILogger log, LogWord channel, LogWord why);

    [LoggerMessage(LogLevel.Warning, "{Channel} is sent again")]
    public static partial void ChannelGoesAgain(ILogger log, LogWord channel);

    [LoggerMessage(LogLevel.Error, "What is to be sent waits for the database: {Cause}")]
    public static partial void SendingWaits(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "What is to be sent could not be taken; it is tried again: {Cause}")]
    public static partial void SendingFailed(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "A message could not be sent, or that it was sent could not be written down; it is tried again: {Cause}")]
    public static partial void MessageNotSent(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Error, "A code that somebody asked for could not be sent: {Cause}")]
    public static partial void CodeNotSent(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Warning, "What was erased may still stand in free parts of the file, which could not be written anew: {Cause}")]
    public static partial void FileNotTidied(ILogger log, LogCause cause);

    [LoggerMessage(LogLevel.Warning, Privacy.TidyFile.Warning)]
    public static partial void FileLogNotEmptied(ILogger log);

    [LoggerMessage(LogLevel.Information, "Erased {People} people whose data was kept long enough")]
    public static partial void Erased(ILogger log, LogNumber people);

    [LoggerMessage(LogLevel.Warning, Access.TrustedProxy.NotNamed)]
    public static partial void ProxyNotNamed(ILogger log);
}
