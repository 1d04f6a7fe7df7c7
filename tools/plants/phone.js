'use strict';
// Rules 1 to 5: what stays on the phone, and what is not kept of it.
const layout = 'src/Manzil/Layout/_Layout.cshtml';
const headers = 'src/Manzil/Layout/SecurityHeaders.cs';
const passkey = 'src/Manzil/wwwroot/sign-in/passkey.js';
const events = 'src/Manzil/Access/SecurityEvents.cs';
const style = '    <link rel="stylesheet" href="~/built/manzil.css">';
module.exports = [
  {
    rule: 1, name: 'a notice takes where the phone is as one more member',
    edits: [{ file: 'src/Manzil/Notices/NoticeJson.cs', find: 'Only(root, faults, "kind", "from", "address");', plant: 'Only(root, faults, "kind", "from", "address", "near");' }],
  },
  {
    rule: 1, name: 'the register has a column for a cell of the map',
    edits: [
      { file: 'src/Manzil/Register/Schema/sqlite/900-plant.sql', add: 'alter table register_entry add column cell text;\n' },
      { file: 'src/Manzil/Register/Schema/postgres/900-plant.sql', add: 'alter table register_entry add column cell text;\n' },
    ],
  },
  {
    rule: 1, name: 'a script puts the position into a header of a request',
    edits: [{
      file: passkey, find: "{ method: 'POST', headers: { 'X-Requested-With': 'manzil' } }",
      plant: "{ method: 'POST', headers: { 'X-Requested-With': 'manzil', 'X-At': await new Promise((r) => navigator['geo' + 'location'].getCurrentPosition((p) => r(String(p.coords.latitude)), () => r(''))) } }",
    }],
  },
  {
    rule: 2, name: 'a request says whether the phone is at home',
    edits: [{
      file: passkey, find: "    return answer.json();",
      plant: "    navigator.geolocation?.getCurrentPosition(() => fetch('/language?near=yes'));\n    return answer.json();",
    }],
  },
  {
    rule: 2, name: 'a picture is fetched only where the phone is far away',
    edits: [{ file: passkey, add: "\nnavigator['geolocation']?.getCurrentPosition((p) => { if (p.coords.latitude > 1) new Image().src = '/favicon.svg?far'; });\n" }],
  },
  {
    rule: 2, name: 'a new script sends a beacon when a page is left',
    edits: [
      { file: 'src/Manzil/wwwroot/notices/left.js', add: "addEventListener('pagehide', () => navigator.sendBeacon('/language', document.title));\n" },
      { file: layout, find: style, plant: `${style}\n    <script src="~/notices/left.js" defer></script>` },
    ],
  },
  {
    rule: 3, name: 'a script watches the position',
    edits: [{ file: passkey, add: "\nnavigator.geolocation?.watchPosition(() => {});\n" }],
  },
  {
    rule: 3, name: 'every page may ask for the position',
    edits: [{ file: headers, find: 'public const string PermissionsPolicy = "geolocation=(), camera=(), "', plant: 'public const string PermissionsPolicy = "geolocation=(self), camera=(), "' }],
  },
  {
    rule: 3, name: 'the position is read when a page is opened, not after a tap',
    edits: [
      { file: 'src/Manzil/wwwroot/notices/where.js', add: "navigator.geolocation.getCurrentPosition((p) => sessionStorage.setItem('w', p.coords.latitude));\n" },
      { file: 'src/Manzil/Notices/ConfirmationPage.cshtml', add: '<script src="~/notices/where.js"></script>\n' },
    ],
  },
  {
    rule: 4, name: 'a font comes from another origin',
    edits: [{ file: layout, find: style, plant: `${style}\n    <link rel="preconnect" href="//fonts.example">` }],
  },
  {
    rule: 4, name: 'the policy lets pages fetch from anywhere',
    edits: [{ file: headers, find: `"default-src 'self'; base-uri`, plant: `"default-src 'self'; connect-src *; base-uri` }],
  },
  {
    rule: 4, name: 'the style sheet fetches a picture from another origin',
    edits: [{ file: 'src/Manzil/Layout/style/manzil.scss', add: "\n.manzil-header { background-image: url('//pictures.example/1.png'); }\n" }],
  },
  {
    rule: 5, name: 'a log line holds a hash of the address',
    edits: [{
      file: events, find: 'LogEvents.Refused(Of(http), new LogNumber(http.Response.StatusCode),',
      plant: 'LogEvents.Refused(Of(http), new LogNumber(BitConverter.ToUInt16(System.Security.Cryptography.SHA256.HashData(http.Connection.RemoteIpAddress?.GetAddressBytes() ?? []))),',
    }],
  },
  {
    rule: 5, name: 'a file beside the database holds half of each address',
    edits: [{
      file: events, find: "        if (http.Response.StatusCode is not (400",
      plant: '        File.AppendAllText(Path.Combine(Path.GetTempPath(), "seen"), string.Join(\'.\', (http.Connection.RemoteIpAddress?.ToString() ?? "").Split(\'.\').Take(2)) + "\\n");\n        if (http.Response.StatusCode is not (400',
    }],
  },
  {
    rule: 5, name: 'a session remembers the last number of the address',
    edits: [
      { file: 'src/Manzil/Register/Schema/sqlite/900-plant.sql', add: 'alter table session add column seat integer;\n' },
      { file: 'src/Manzil/Register/Schema/postgres/900-plant.sql', add: 'alter table session add column seat bigint;\n' },
      {
        file: 'src/Manzil/SignIn/WebSession.cs', find: '\n}\n',
        plant: '\n\n    internal static long Seat(HttpContext http) => http.Connection.RemoteIpAddress?.GetAddressBytes()[^1] ?? 0;\n}\n',
      },
    ],
  },
];
