'use strict';
// Rules 22 to 25: without scripts, by every channel, for everybody, in every language.
const layout = 'src/Manzil/Layout/_Layout.cshtml';
const confirmation = 'src/Manzil/Notices/_Confirmation.cshtml';
const button = '<button class="govuk-button">@T["confirmation.yes"]</button>';
const words = language => `src/Manzil/Layout/Languages/${language}.json`;
module.exports = [
  { rule: 22, name: 'the button that confirms needs a script', edits: [{ file: confirmation, find: button, plant: '<button class="govuk-button" type="button" data-send>@T["confirmation.yes"]</button>' }] },
  { rule: 22, name: 'the form that confirms is hidden until a script shows it', edits: [{ file: confirmation, find: '<form method="post">', plant: '<form method="post" hidden>' }] },
  { rule: 22, name: 'choosing a language needs a script', edits: [{ file: 'src/Manzil/Layout/LanguagePage.cshtml', find: '    <button class="govuk-button">@T["field.continue"]</button>\n', plant: '' }] },
  { rule: 23, name: 'an SMS with a valid code confirms nothing', edits: [{ file: 'src/Manzil/Messages/IncomingSms.cs', find: '? await book.ConfirmBySmsAsync(worker, new ReceivedSms(gatewayId, new Channel(channels.First(c => c.Worker == found).Id, "sms", number, Mark: MarkOf(worker, number))))', plant: '? await Task.FromResult<ActResult?>(book is null || worker is null ? null : new ActResult.Refused(MarkOf(worker, number) ?? "x"))' }] },
  { rule: 23, name: 'a notice at the desk is due a day earlier', edits: [{ file: 'src/Manzil/Notices/GiveNotice.cs', find: '            NextDeadline = outcome.NextDeadline,', plant: '            NextDeadline = Channel == RecordChannel.Desk ? outcome.NextDeadline?.PlusDays(-1) : outcome.NextDeadline,' }] },
  { rule: 23, name: 'one kind of notice is not taken by the API', edits: [{ file: 'src/Manzil/Notices/NoticeJson.cs', find: '            case "confirmation":\n', plant: '            case "confirmation-of-address":\n' }] },
  { rule: 24, name: 'a field has no label', edits: [{ file: 'src/Manzil/Layout/Form/Field.cs', find: '<label class=\\"govuk-label{0}\\" for=\\"{1}\\">{2}</label>', plant: '<span class=\\"govuk-label{0}\\" data-for=\\"{1}\\">{2}</span>' }] },
  { rule: 24, name: 'a page does not say its language', edits: [{ file: layout, find: '<html lang="@T.Lang" dir', plant: '<html dir' }] },
  { rule: 24, name: 'pages have no link past the header', edits: [{ file: layout, find: '    <a href="#main" class="govuk-skip-link">@T["page.skip-to-content"]</a>\n', plant: '' }] },
  { rule: 25, name: 'one sentence is missing in Kazakh', edits: [{ file: words('kk'), find: '  "confirmation.yes": ', plant: '  "confirmation.yess": ' }] },
  { rule: 25, name: 'a Russian message lost the date', edits: [{ file: words('ru'), find: '"message.reminder.sms": "{name}, подтвердите адрес по {date} включительно: ', plant: '"message.reminder.sms": "{name}, подтвердите адрес: ' }] },
  { rule: 25, name: 'a page has a sentence of its own in English', edits: [{ file: confirmation, find: button, plant: `${button}\n        <p class="govuk-body">Please confirm in time.</p>` }] },
  { rule: 25, name: 'a Russian text is in English', edits: [{ file: words('ru'), find: '  "field.continue": "Продолжить"', plant: '  "field.continue": "Continue"' }] },
];
