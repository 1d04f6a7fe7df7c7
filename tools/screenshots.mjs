// Takes the pictures of README.md: starts the demo on a free port, signs an invented worker in, and drives Debian's chromium.
//   node tools/screenshots.mjs [PROGRAM]   the program to start, where it is not ./manzil
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pictures = join(root, 'docs', 'screenshots');
const folder = mkdtempSync(join(tmpdir(), 'manzil-screenshots-'));
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const url = `http://localhost:${port}`;
const started = [];

function start(program, args, stdio) {
  const child = spawn(program, args, { stdio });
  started.push(child);
  child.on('error', (failure) => {
    console.error(`${program} could not be started: ${failure.message}`);
    process.exitCode = 1;
  });
  return child;
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function send(path, token, body) {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': path + JSON.stringify(body).length };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
}

// The DevTools protocol over a pipe: messages end with a zero byte.
function connect(browser) {
  const waiting = new Map();
  const listeners = [];
  let next = 1;
  let rest = '';
  browser.stdio[4].setEncoding('utf8').on('data', (chunk) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop();
    for (const message of messages.map((text) => JSON.parse(text))) {
      if (!message.id) listeners.splice(0).forEach((listener) => listener(message));
      else if (message.error) waiting.get(message.id).reject(new Error(message.error.message));
      else waiting.get(message.id).resolve(message.result);
    }
  });
  return {
    call: (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
      waiting.set(next, { resolve, reject });
      browser.stdio[3].write(JSON.stringify({ id: next++, method, params, sessionId }) + '\0');
    }),
    event: async (method) => {
      for (;;) {
        const message = await new Promise((resolve) => listeners.push(resolve));
        if (message.method === method) return;
      }
    },
  };
}

async function run() {
  // The program itself builds first, if it must.
  start(process.argv[2] ?? join(root, 'manzil'), ['serve', '--demo', '--data', folder, '--urls', url], 'inherit');
  for (let left = 600; ; left--) {
    if (await fetch(url + '/health/ready').then((answer) => answer.ok, () => false)) break;
    if (left === 0) throw new Error('The service did not start.');
    await wait(500);
  }
  let worker, shown;
  for (let left = 60; !worker && left > 0; left--) {
    try {
      [worker, shown] = JSON.parse(readFileSync(join(folder, 'demo-credentials.json'), 'utf8')).workers;
    } catch {
      await wait(500);
    }
  }
  const { cardNumber, birthDate, activationCode } = worker;
  const { token } = await send('/api/v1/sessions', null, { cardNumber, birthDate, activationCode });
  await send('/api/v1/notices', token, { kind: 'registration' });
  const from = new Date().toISOString().slice(0, 10);
  const address = { locality: 'Nagorny', street: 'Sadovaya street', building: '7', unit: '12' };
  const receipt = await send('/api/v1/notices', token, { kind: 'residence', from, address });

  const browser = start('/usr/bin/chromium', [
    '--headless', '--no-sandbox', '--remote-debugging-pipe', '--hide-scrollbars', `--user-data-dir=${join(folder, 'chromium')}`,
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
  ], ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']);
  const { call, event } = connect(browser);
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  const page = (method, params) => call(method, params, sessionId);
  await page('Page.enable');

  // A program's token is no browser's session: whoever's page is shown signs in and tells their address by the pages themselves.
  async function press(path, fields) {
    if (path) {
      const loaded = event('Page.loadEventFired');
      await page('Page.navigate', { url: url + path });
      await loaded;
    }
    const loaded = event('Page.loadEventFired');
    await page('Runtime.evaluate', { expression: `(() => {
      for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
        const field = document.querySelector('main [name="' + name + '"]:not([type=hidden])');
        if (field?.type === 'checkbox') field.checked = true;
        else if (field) field.value = value;
      }
      (document.querySelector('main button[name=Go][value=give]') ?? document.querySelector('main form:not([data-passkey]) button.govuk-button')).click();
    })()` });
    await loaded;
    const { result } = await page('Runtime.evaluate', { expression: 'location.pathname' });
    return result.value;
  }
  const [year, month, day] = shown.birthDate.split('-');
  await press('/sign-in', { Card: shown.cardNumber, 'BirthDate.Day': day, 'BirthDate.Month': month, 'BirthDate.Year': year, Code: shown.activationCode });
  await press('/registration', {});
  const answers = { 'From.Today': 'on', Locality: address.locality, Street: address.street, Building: address.building, Unit: address.unit };
  for (let at = await press('/residence', answers), left = 6; !at.startsWith('/notices/') && left > 0; left--) at = await press(null, answers);

  async function picture(name, width, height, path, action) {
    await page('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    let loaded = event('Page.loadEventFired');
    await page('Page.navigate', { url: url + path });
    await loaded;
    if (action) {
      loaded = event('Page.loadEventFired');
      await page('Runtime.evaluate', { expression: action });
      await loaded;
    }
    const { data } = await page('Page.captureScreenshot', { format: 'png' });
    mkdirSync(pictures, { recursive: true });
    writeFileSync(join(pictures, name), Buffer.from(data, 'base64'));
    console.log(`docs/screenshots/${name}`);
  }

  await picture('home-320.png', 320, 900, '/?lang=en');
  await picture('verify-desktop.png', 1000, 900, '/verify',
    `document.querySelector('#text').value = ${JSON.stringify(receipt.qr)}; document.querySelector('main form').submit()`);
}

try {
  await run();
} catch (failure) {
  console.error(failure.message);
  process.exitCode = 1;
} finally {
  for (const child of started) child.kill();
  await wait(1000);
  rmSync(folder, { recursive: true, force: true });
}
