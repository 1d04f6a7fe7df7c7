using System.Data.Common;
using System.Globalization;
using Dapper;
using Manzil.Messages;
using Manzil.Receipts;
using Manzil.Rules;

namespace Manzil.Cases;

/// <summary>A file that comes with an answer: its type is what its bytes are, and of a picture only the picture is left.</summary>
public sealed record Attachment(string Name, string MediaType, byte[] Content, byte[] Sha256);

/// <summary>Attachments of an answer or appeal: their digests stand in the record, their bytes beside the case.</summary>
static class Attachments
{
    public static (string, string?)[] Particulars(IReadOnlyList<Attachment> attachments) =>
    [
        .. attachments.SelectMany((a, i) => new (string, string?)[]
        {
            ($"file-{(i + 1).ToString(CultureInfo.InvariantCulture)}", a.Name),
            ($"file-{(i + 1).ToString(CultureInfo.InvariantCulture)}-sha256", Convert.ToHexStringLower(a.Sha256)),
        }),
    ];

    public static async Task WriteAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<Attachment> attachments, CaseFile file, string act, long at, bool byHelper)
    {
        foreach (var a in attachments)
        {
            await connection.ExecuteAsync(
                """
                insert into attachment (worker_id, case_id, act_number, name, media_type, sha256, content, added_at, by_helper)
                values (@WorkerId, @Id, @act, @Name, @MediaType, @Sha256, @Content, @at, @by)
                """,
                new { file.WorkerId, file.Id, act, a.Name, a.MediaType, a.Sha256, a.Content, at, by = byHelper ? 1 : 0 }, transaction);
        }
    }
}

/// <summary>The worker, or a helper for them, answers in a case (kind 33), in words and with files.</summary>
public sealed class AnswerCase(Actor actor, string text, IReadOnlyList<Attachment> attachments, Jurisdiction rules, Telling telling)
    : CaseStep(CaseAct.Answer, actor, rules, telling)
{
    private protected override CaseWords Words => new() { Reason = text };

    private protected override IReadOnlyList<Attachment> Attached => attachments;

    private protected override Said Say() => new(StatementKind.Answer, Actor.Kind == ActorKind.Helper ? "message.answer-by-helper" : "message.answer") { Particulars = With(Attachments.Particulars(attachments)), Reason = text.Trim() };

    public override Task WriteAsync(DbConnection connection, DbTransaction transaction) =>
        Attachments.WriteAsync(connection, transaction, attachments, File!, Number.ToString(), ReceivedAt.ToUnixTimeMilliseconds(), Actor.Kind == ActorKind.Helper);
}
