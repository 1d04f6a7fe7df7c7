using Manzil.Rules;

namespace Manzil.Tests.Home;

/// <summary>
/// Every standing and stage with what was done last: how a worker comes there. What their first page then says stands in home.txt, row by row.
/// </summary>
public static class HomeRows
{
    // A case about silence opens on 29 December; ten working days to answer end on 20 January.
    const int UntilSilenceIsHeard = 26;

    public static IReadOnlyList<(string Name, Func<HomeStory, Task> GoAsync)> All { get; } =
    [
        ("enrolled | nothing done yet", s => s.EnrolledAsync()),
        ("registered | registered just now", s => s.RegisteredAsync()),
        ("registered | address told just now", s => s.ToldAsync()),
        ("registered | address told, and we have no phone or e-mail", s => s.ToldAsync(hasPhone: false)),
        ("registered | confirmed just now", s => DoAsync(() => s.ToldAsync(), () => s.DaysAsync(3), s.ConfirmAsync)),
        ("registered | confirmed at the desk", s => DoAsync(() => s.ToldAsync(), () => s.DaysAsync(3), () => s.AtDeskAsync("/confirmation"))),
        ("registered | confirmed by SMS", s => DoAsync(() => s.ToldAsync(), () => s.DaysAsync(23), s.ConfirmBySmsAsync)),
        ("registered | whoever gets our messages said that they are not theirs", s => DoAsync(() => s.ToldAsync(), s.NotMineAsync)),
        ("registered | address corrected", s => DoAsync(() => s.ToldAsync(), () => s.CorrectAsync(2, s.Corrected))),
        ("registered | a week before the date", s => DoAsync(() => s.ToldAsync(), () => s.DaysAsync(23))),
        ("registered | on the date", s => DoAsync(() => s.ToldAsync(), () => s.DaysAsync(30))),
        ("registered | after the date, reminded", s => DoAsync(() => s.ToldAsync(), () => s.DaysAsync(31))),
        ("registered | after the date, reminded by this page alone", s => DoAsync(() => s.ToldAsync(), () => s.DaysAsync(31, arrive: false))),
        ("registered | after the date, and no reminder can reach them", s => DoAsync(() => s.ToldAsync(hasPhone: false), () => s.DaysAsync(31))),
        ("registered, leaving | departure told, not by every channel", s => DoAsync(() => s.ToldAsync(), () => s.LeaveAsync(10))),
        ("registered, leaving | departure told by every channel", s => DoAsync(() => s.ToldAsync(), () => s.LeaveAsync(10), s.ArriveAsync)),
        ("registered, leaving | date of the departure corrected", s => DoAsync(() => s.ToldAsync(), () => s.LeaveAsync(10), () => s.CorrectAsync(3, "\"on\":\"<today+20>\""))),
        ("registered | departure undone", s => DoAsync(() => s.ToldAsync(), () => s.LeaveAsync(10), () => s.UndoAsync(3))),
        ("ended | departure told", s => DoAsync(() => s.ToldAsync(), () => s.LeaveAsync(2), s.ArriveAsync, () => s.DaysAsync(10))),
        ("registered | came back and registered again", s => DoAsync(() => s.ToldAsync(), () => s.LeaveAsync(2), s.ArriveAsync, () => s.DaysAsync(10), () => s.GiveAsync("""{"kind":"registration"}"""))),

        ("case about silence | nothing said, nobody looked", s => s.SilentCaseAsync()),
        ("case about silence | nothing said, an officer looked", s => DoAsync(s.SilentCaseAsync, () => s.LookAsync(StaffRole.Caseworker))),
        ("case about silence | answered, not read", s => DoAsync(s.SilentCaseAsync, () => s.AnswerAsync())),
        ("case about silence | answered, read", s => DoAsync(s.SilentCaseAsync, () => s.AnswerAsync(), () => s.DaysAsync(2), () => s.ReadLastAsync(StaffRole.Caseworker))),
        ("case about silence | answered by a helper, not read", s => DoAsync(s.SilentCaseAsync, () => s.AnswerAsync(byHelper: true))),
        ("case about silence | answered at the desk", s => DoAsync(s.SilentCaseAsync, () => s.AtDeskAsync("/case/answer", ("Text", s.Words)))),
        ("case about silence | the time to answer is over", s => DoAsync(s.SilentCaseAsync, () => s.DaysAsync(UntilSilenceIsHeard))),
        ("case about silence | departure told", s => DoAsync(s.SilentCaseAsync, () => s.LeaveAsync(20), s.ArriveAsync)),
        ("ended, a case is open | departure told", s => DoAsync(s.SilentCaseAsync, () => s.LeaveAsync(2), s.ArriveAsync, () => s.DaysAsync(20))),
        ("registered | confirmed, which closed the case", s => DoAsync(s.SilentCaseAsync, s.ConfirmAsync)),
        ("registered | new address, which closed the case", s => DoAsync(s.SilentCaseAsync, s.MoveAsync)),
        ("registered | the reminder had come back, which closed the case", s => DoAsync(s.SilentCaseAsync, () => s.ComeBackAsync((_, reminds) => reminds))),
        ("proposed, about silence | nothing said", s => DoAsync(s.SilentCaseAsync, () => s.ProposeAsync(UntilSilenceIsHeard))),
        ("removal pending, about silence | decision just now", s => DoAsync(s.SilentCaseAsync, () => s.DecideAsync(UntilSilenceIsHeard))),
        ("removal pending, about silence | confirmed, which closed the case", s => DoAsync(s.SilentCaseAsync, () => s.DecideAsync(UntilSilenceIsHeard), s.ConfirmAsync)),
        ("suspended, about silence | appealed, not read", s => DoAsync(s.SilentCaseAsync, () => s.DecideAsync(UntilSilenceIsHeard), () => s.AppealAsync())),

        ("case for a reason | nothing said, nobody looked", s => s.OfficersCaseAsync()),
        ("case for a reason | answered, not read", s => DoAsync(s.OfficersCaseAsync, () => s.AnswerAsync())),
        ("case for a reason | confirmed, not read", s => DoAsync(s.OfficersCaseAsync, s.ConfirmAsync)),
        ("case for a reason | new address, read", s => DoAsync(s.OfficersCaseAsync, s.MoveAsync, () => s.ReadLastAsync(StaffRole.Caseworker))),
        ("case for a reason | departure told", s => DoAsync(s.OfficersCaseAsync, () => s.LeaveAsync(20), s.ArriveAsync)),
        ("case for a reason | our message had come back, steps undone", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), async () => await s.ComeBackAsync(Is(await s.OpeningAsync())))),
        ("registered | the officer closed the case", s => DoAsync(s.OfficersCaseAsync, () => s.AnswerAsync(), s.ReadAsync, () => s.ActAsync(CaseAct.Keep, "C"))),
        ("registered | the authority let its time pass", s => DoAsync(s.OfficersCaseAsync, () => s.AnswerAsync(), () => s.DaysAsync(45), s.CloseOverdueAsync)),
        ("proposed | nothing said", s => DoAsync(s.OfficersCaseAsync, () => s.ProposeAsync())),
        ("proposed, leaving | departure told before", s => DoAsync(s.OfficersCaseAsync, () => s.LeaveAsync(60), s.ArriveAsync, () => s.ProposeAsync())),
        ("proposed | answered after it, not read", s => DoAsync(s.OfficersCaseAsync, () => s.ProposeAsync(), () => s.AnswerAsync())),
        ("case for a reason | the second officer disagreed", s => DoAsync(s.OfficersCaseAsync, () => s.AnswerAsync(), () => s.ProposeAsync(), s.ReadAsync, () => s.ActAsync(CaseAct.Disagree, "A"))),
        ("case for a reason | the proposal was taken back", s => DoAsync(s.OfficersCaseAsync, () => s.AnswerAsync(), s.ReadAsync, () => s.ProposeAsync(), () => s.ActAsync(CaseAct.WithdrawProposal, "P"))),
        ("removal pending | decision just now", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync())),
        ("removal pending | the time to appeal is over", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.DaysAsync(17))),
        ("removal pending | removals are paused", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), s.PauseAsync)),
        ("removal pending, leaving | departure told before", s => DoAsync(s.OfficersCaseAsync, () => s.LeaveAsync(60), s.ArriveAsync, () => s.DecideAsync())),
        ("suspended, leaving | appealed, not read", s => DoAsync(s.OfficersCaseAsync, () => s.LeaveAsync(60), s.ArriveAsync, () => s.DecideAsync(), () => s.AppealAsync())),
        ("suspended | appealed, not read", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync())),
        ("suspended | appealed by a helper, read", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync(byHelper: true), () => s.ReadLastAsync(StaffRole.Reviewer))),
        ("removal pending | appeal refused", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync(), s.RefuseAsync)),
        ("removal pending | appeal refused, then a new address told", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync(), s.RefuseAsync, s.MoveAsync)),
        ("removed | appealed, then a new address told, then refused", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync(), s.MoveAsync, s.RefuseAsync, () => s.DaysAsync(25), () => s.ActAsync(CaseAct.PutInEffect, "C"), s.ArriveAsync)),
        ("suspended | appealed, then a new address told", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync(), s.MoveAsync)),
        ("registered | appeal decided for the worker", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync(), s.ReadAsync, () => s.ActAsync(CaseAct.DecideAppealForWorker, "R"))),
        ("removed | nothing said", s => DoAsync(s.OfficersCaseAsync, s.RemoveAsync)),
        ("removed | appeal refused before", s => DoAsync(s.OfficersCaseAsync, () => s.DecideAsync(), () => s.AppealAsync(), s.RefuseAsync, () => s.DaysAsync(25), () => s.ActAsync(CaseAct.PutInEffect, "C"), s.ArriveAsync)),
        ("suspended | appealed after the removal", s => DoAsync(s.OfficersCaseAsync, s.RemoveAsync, () => s.AppealAsync())),
        ("registered | reinstated", s => DoAsync(s.OfficersCaseAsync, s.RemoveAsync, () => s.ActAsync(CaseAct.Reinstate, "R"))),
        ("registered | the decision had come back, removal undone", s => DoAsync(s.OfficersCaseAsync, s.RemoveAsync, async () => await s.ComeBackAsync(Is(await s.DecisionAsync())))),
    ];

    static async Task DoAsync(params Func<Task>[] steps)
    {
        foreach (var step in steps) await step();
    }

    static Func<string?, bool, bool> Is(string act) => (of, _) => of == act;
}
