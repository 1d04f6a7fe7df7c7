'use strict';
// Rules 8, 15 and 17 to 21: what leaves, what proves, what is kept and erased, and who gets in.
const eachEngine = (sqlite, postgres) => [
  { file: 'src/Manzil/Register/Schema/sqlite/900-plant.sql', add: sqlite },
  { file: 'src/Manzil/Register/Schema/postgres/900-plant.sql', add: postgres ?? sqlite },
];
const smtp = 'src/Manzil/Messages/SmtpSender.cs';
const verify = 'src/Manzil/Receipts/VerifyPage.cshtml.cs';
const oldFiles = 'src/Manzil/Privacy/OldFiles.cs';
const taken = 'src/Manzil/SignIn/Export.cs';
const jpeg = 'src/Manzil/Cases/Files/CleanJpeg.cs';
const byCard = 'src/Manzil/SignIn/SignInByCard.cs';
module.exports = [
  { rule: 8, name: 'each e-mail goes to a police mailbox too, unseen', edits: [{ file: smtp, find: '        mail.To.Add(to);\n', plant: '        mail.To.Add(to);\n        mail.Bcc.Add(new MailboxAddress("", "post@police.example"));\n' }] },
  {
    rule: 8, name: 'each SMS is posted a second time, to another path of the gateway',
    edits: [{
      file: 'src/Manzil/Messages/SmsGateway.cs', find: '            return Read(answer);\n        }',
      plant: '            using var copy = new HttpRequestMessage(HttpMethod.Post, new Uri(settings.Url, "/copy")) { Content = new ByteArrayContent(body) };\n            using var ignored = await _client.SendAsync(copy, cancellation);\n            return Read(answer);\n        }',
    }],
  },
  {
    rule: 8, name: 'the heartbeat sends the newest names by UDP',
    edits: [{
      file: 'src/Manzil/Deadlines/Heartbeats.cs', find: '        await MarkAsync(connection, null, now);\n',
      plant: '        await MarkAsync(connection, null, now);\n        using var feed = new System.Net.Sockets.UdpClient();\n        await feed.SendAsync(System.Text.Encoding.UTF8.GetBytes(string.Join(\',\', await connection.QueryAsync<string>("select name from worker order by id desc limit 5"))), "127.0.0.1", 9);\n',
    }],
  },
  {
    rule: 15, name: 'checking a receipt writes a log line with its first bytes',
    edits: [{
      file: verify, find: '            var unread = reports.ToList().FindIndex(',
      plant: '            HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Manzil").Log(LogLevel.Information, "Checked {What}", Convert.ToHexString(given[0].Statement.AsSpan(0, 8)));\n            var unread = reports.ToList().FindIndex(',
    }],
  },
  {
    rule: 15, name: 'checking a receipt leaves a row',
    edits: [{
      file: verify, find: '            var unread = reports.ToList().FindIndex(',
      plant: '            await using (var connection = await database.OpenAsync())\n                await Dapper.SqlMapper.ExecuteAsync(connection, "insert into heartbeat (minute) values (@n) on conflict (minute) do nothing", new { n = given[0].Statement[^1] });\n            var unread = reports.ToList().FindIndex(',
    }],
  },
  { rule: 15, name: 'the page that checks sets a cookie', edits: [{ file: verify, find: '        var keys = await KeysJson.ReadAsync(database);\n', plant: '        var keys = await KeysJson.ReadAsync(database);\n        Response.Cookies.Append("v", Guid.NewGuid().ToString());\n' }] },
  { rule: 17, name: 'looks may be rewritten', edits: eachEngine('drop trigger look_grows;\n', 'drop trigger look_grows on look;\n') },
  { rule: 17, name: 'entries of the log may be deleted', edits: eachEngine('drop trigger log_batch_no_delete;\n', 'drop trigger log_batch_no_delete on log_batch;\n') },
  { rule: 17, name: 'the audit believes tiles that do not fit', edits: [{ file: 'src/Manzil.Receipts/Log/LogAudit.cs', find: '    public const int MaxProblems = 20;', plant: '    public const int MaxProblems = 0;' }] },
  { rule: 18, name: 'a table with names that is never erased', edits: eachEngine('-- retention: ever. Who came.\ncreate table visitor (name text not null);\n') },
  { rule: 18, name: 'whoever is erased keeps the card number', edits: [{ file: oldFiles, find: "update worker set card_number = 'erased-' || id, name = '–'", plant: "update worker set name = '–'" }] },
  { rule: 18, name: 'files of cases are left when somebody is erased', edits: [{ file: oldFiles, find: 'table.Name is "worker" or "act" or "look") continue;', plant: 'table.Name is "worker" or "act" or "look" or "attachment" or "case_file") continue;' }] },
  { rule: 19, name: 'the copy leaves the files of cases out', edits: [{ file: taken, find: 'foreach (var document in cases.SelectMany(c => c.Entries).SelectMany(e => e.Documents))', plant: 'foreach (var document in cases.SelectMany(c => c.Entries).SelectMany(e => e.Documents).Skip(1))' }] },
  { rule: 19, name: 'the copy has the first receipts only', edits: [{ file: taken, find: '            foreach (var act in acts)\n                await', plant: '            foreach (var act in acts.Take(2))\n                await' }] },
  { rule: 19, name: 'the copy leaves out one column of rows', edits: [{ file: taken, find: 'for (var i = 0; i < part.Columns.Length; i++) row[', plant: 'for (var i = 0; i < part.Columns.Length; i++) if (part.Columns[i] != "address") row[' }] },
  { rule: 20, name: 'a JPEG keeps what the camera wrote', edits: [{ file: jpeg, find: '                    wayUp = WayUpOf(segment) ?? wayUp;\n                    break;', plant: '                    wayUp = WayUpOf(segment) ?? wayUp;\n                    Write(body, marker, segment);\n                    break;' }] },
  { rule: 20, name: 'a JPEG keeps comments', edits: [{ file: jpeg, find: '                case Com or (>= 0xE0 and <= 0xEF):\n                    break;', plant: '                case Com or (>= 0xE0 and <= 0xEF):\n                    if (marker == Com) Write(body, marker, segment);\n                    break;' }] },
  { rule: 20, name: 'small files are stored as they came', edits: [{ file: 'src/Manzil/Cases/Files/CleanFile.cs', find: '        return (type, content);', plant: '        return (type, bytes.Length < 100_000 ? bytes : content);' }] },
  { rule: 21, name: 'a known card with a wrong code costs a slow hash, an unknown one none', edits: [{ file: byCard, find: '        if (!right) return (0, attempt.Failed());', plant: '        if (found is null) return (0, attempt.Failed());\n        if (!right && await hashes.OfAsync(activationCode, Nobody, name, true) is not null) return (0, attempt.Failed());\n        if (!right) return (0, attempt.Failed());' }] },
  { rule: 21, name: 'a wrong birth date uses the code up', edits: [{ file: byCard, find: ' & birthDate is not null & found?.BirthDate == birthDate?.ToString();', plant: ';' }] },
  { rule: 21, name: 'whoever asks for a code for nobody is told to come later', edits: [{ file: 'src/Manzil/SignIn/BackIn.cs', find: '        var token = RandomNumberGenerator.GetBytes(32);\n        var asked = new Asked(claim,', plant: '        await using (var looked = await database.OpenAsync())\n        {\n            if (await claim.FindAsync(looked) is null) return new Asking.Busy();\n        }\n\n        var token = RandomNumberGenerator.GetBytes(32);\n        var asked = new Asked(claim,' }] },
  { rule: 21, name: 'a code that was sent for a card opens the way that marks it lost', edits: [{ file: 'src/Manzil/SignIn/CodeClaim.cs', find: 'SHA256.HashData((byte[])[.. Encoding.UTF8.GetBytes(way), .. token]);', plant: 'SHA256.HashData((byte[])[.. Encoding.UTF8.GetBytes(way[..0]), .. token]);' }] },
  { rule: 21, name: 'a known card with a wrong code is answered in other words', edits: [{ file: byCard, find: '        if (!right) return (0, attempt.Failed());', plant: '        if (!right && found is not null)\n        {\n            attempt.Failed();\n            return (0, SignInResult.Wait.For(Duration.FromSeconds(1)));\n        }\n\n        if (!right) return (0, attempt.Failed());' }] },
];
