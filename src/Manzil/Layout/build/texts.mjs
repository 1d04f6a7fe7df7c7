// Checks the catalogues against each other and against the pages and code that use them.
//   node texts.mjs PROJECT-DIR               one line a fault, as MSBuild reads errors; exit code 1 where there is one
//   node texts.mjs PROJECT-DIR --unfinished  the same faults as notes, and exit code 0: for trying pages before their texts are written
//   node texts.mjs PROJECT-DIR --missing     only lists what a translator has still to write: language, key, English text
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = process.argv[2];
const unfinished = process.argv.includes('--unfinished');
const listMissing = process.argv.includes('--missing');
const folder = join(root, 'Layout', 'Languages');
const skipped = new Set(['bin', 'obj', 'node_modules', 'wwwroot']);
const first = 'en';
let faults = 0;

function fault(file, line, message) {
  faults++;
  if (listMissing) return;
  console.log(unfinished ? `unfinished: ${message}` : `${file}(${line}): error MZL001: ${message}`);
}

function lineOf(text, index) {
  return text.slice(0, index).split('\n').length;
}

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) yield* sources(join(dir, entry.name));
    } else if (/\.(cs|cshtml)$/.test(entry.name)) {
      yield join(dir, entry.name);
    }
  }
}

const placeholders = (text) => new Set([...text.matchAll(/\{([^{}]*)\}/g)].map((m) => m[1]));
const formsOf = (value) => (typeof value === 'string' ? [value] : Object.values(value));
const allPlaceholders = (value) => new Set(formsOf(value).flatMap((form) => [...placeholders(form)]));
const same = (a, b) => a.size === b.size && [...a].every((x) => b.has(x));
const named = (set) => [...set].sort().map((name) => `{${name}}`).join(', ') || 'none';

// --- the catalogues
const plurals = JSON.parse(readFileSync(join(folder, 'plurals.json'), 'utf8'));
const catalogues = new Map();
for (const file of readdirSync(folder).filter((f) => f.endsWith('.json') && f !== 'plurals.json').sort()) {
  const path = join(folder, file);
  const bytes = readFileSync(path);
  const raw = bytes.toString('utf8');
  if (!Buffer.from(raw, 'utf8').equals(bytes)) fault(path, 1, `${file}: not UTF-8`);
  try {
    catalogues.set(file.slice(0, -5), { file, path, raw, texts: JSON.parse(raw) });
  } catch (e) {
    fault(path, 1, `${file}: not JSON: ${e.message}`);
  }
}
const english = catalogues.get(first);
if (!english) {
  fault(folder, 1, `${first}.json is missing or cannot be read`);
  process.exit(1);
}
const keyLine = (catalogue, key) => lineOf(catalogue.raw, Math.max(0, catalogue.raw.indexOf(JSON.stringify(key))));
const keysOf = (catalogue) => Object.keys(catalogue.texts).filter((k) => !k.startsWith('@'));

for (const [lang, catalogue] of catalogues) {
  const { file, path, raw, texts } = catalogue;
  const meta = texts['@language'];
  const metaLine = keyLine(catalogue, '@language');
  for (const member of ['name', 'tag', 'script', 'direction', 'monthsWithDay', 'monthsAlone', 'date', 'dateAndTime', 'decimal', 'group']) {
    if (meta?.[member] === undefined) fault(path, metaLine, `${file}: "@language" has no "${member}"`);
  }
  if (meta?.tag !== lang) fault(path, metaLine, `${file}: the tag in "@language" is not the file's name`);
  for (const months of ['monthsWithDay', 'monthsAlone']) {
    if (meta?.[months]?.length !== 12) fault(path, metaLine, `${file}: "${months}" does not hold 12 names`);
  }
  const rules = plurals[lang.split('-')[0]];
  if (!rules) fault(path, 1, `plurals.json has no rules for "${lang}"`);

  const written = [...raw.matchAll(/^ {2}"((?:[^"\\]|\\.)+)":/gm)].map((m) => m[1]);
  const twice = written.find((key, i) => written.indexOf(key) !== i);
  if (twice) fault(path, lineOf(raw, raw.lastIndexOf(`"${twice}"`)), `${file}: key "${twice}" is written twice`);

  for (const key of keysOf(english)) {
    if (texts[key] !== undefined) continue;
    if (listMissing) console.log(`${lang}\t${key}\t${JSON.stringify(english.texts[key])}`);
    else fault(path, 1, `${file}: key "${key}" is missing`);
  }
  for (const key of keysOf(catalogue)) {
    const text = texts[key];
    const line = keyLine(catalogue, key);
    const base = english.texts[key];
    if (base === undefined) {
      fault(path, line, `${file}: key "${key}" is not in ${first}.json`);
      continue;
    }
    if (formsOf(text).some((form) => typeof form !== 'string' || form.trim() === '')) {
      fault(path, line, `${file}: key "${key}" has an empty text`);
      continue;
    }
    if ((typeof text === 'string') !== (typeof base === 'string')) {
      fault(path, line, `${file}: key "${key}" has plural forms in one language and none in the other`);
      continue;
    }
    if (typeof text !== 'string') {
      for (const category of Object.keys(rules ?? {})) {
        if (text[category] === undefined) fault(path, line, `${file}: key "${key}" has no plural category "${category}"`);
      }
      for (const category of Object.keys(text)) {
        if (rules && rules[category] === undefined) fault(path, line, `${file}: key "${key}" has the plural category "${category}", which the language does not`);
      }
    }
    // Each form names everything; only the number itself may be left out of one, since "one notice" needs none.
    const expected = allPlaceholders(base);
    for (const form of formsOf(text)) {
      const given = placeholders(form);
      if (typeof text !== 'string') given.add('count');
      if (!same(given, typeof text === 'string' ? expected : new Set([...expected, 'count']))) {
        fault(path, line, `${file}: key "${key}" has the placeholders ${named(given)} where ${first}.json has ${named(expected)}`);
      }
    }
  }
}

// --- where they are used
const needed = new Map();
const usedNames = new Set();
const patterns = [];
const need = (key, path, line, names) => {
  const places = needed.get(key) ?? [];
  needed.set(key, [...places, { path, line, names }]);
};

// What stands between the key and the bracket that closes the indexer: names of the values, or null where they come from elsewhere.
function valuesAfter(text, start) {
  let depth = 1;
  let inString = false;
  let end = start;
  for (; end < text.length && depth > 0; end++) {
    const c = text[end];
    if (c === '"' && text[end - 1] !== '\\') inString = !inString;
    if (inString) continue;
    if (c === '[') depth++;
    if (c === ']') depth--;
  }
  const rest = text.slice(start, end - 1).trim();
  if (rest === '') return new Set();
  const names = [...rest.matchAll(/\(\s*"([A-Za-z]+)"\s*,/g)].map((m) => m[1]);
  return names.length > 0 ? new Set(names) : null;
}

for (const path of sources(root)) {
  const text = readFileSync(path, 'utf8').replace(/^\s*\/\/.*$/gm, '');
  for (const m of text.matchAll(/"([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+)"/g)) usedNames.add(m[1]);
  for (const m of text.matchAll(/(?:\b(?:[tT]|[tT]exts)|\bFor\([^;\n]*?\))\[(\$?)"([^"]*)"/g)) {
    const line = lineOf(text, m.index);
    if (m[1]) {
      const pattern = new RegExp('^' + m[2].split(/\{[^}]*\}/).map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[a-z0-9.-]+') + '$');
      patterns.push(pattern);
      if (!keysOf(english).some((key) => pattern.test(key))) fault(path, line, `no key in ${first}.json matches $"${m[2]}"`);
    } else {
      need(m[2], path, line, valuesAfter(text, m.index + m[0].length));
    }
  }
  // A Sentence holds its key until a page says it: written out it must exist, put together it is used by its pattern.
  for (const m of text.matchAll(/\bnew(?: Sentence)?\(\s*"((?:home|case\.now)\.[a-z0-9.-]+)"/g)) need(m[1], path, lineOf(text, m.index), null);
  for (const m of text.matchAll(/\bnew(?: Sentence)?\(\s*\$"([a-z]+\.(?:[a-z0-9.-]|\{[^{}"]*\})+)"/g)) {
    patterns.push(new RegExp('^' + m[1].split(/\{[^}]*\}/).map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[a-z0-9.-]*') + '$'));
  }
  for (const m of text.matchAll(/\bProblem\.Of\("([^"]+)"/g)) {
    for (const part of ['title', 'detail']) need(`problem.${m[1]}.${part}`, path, lineOf(text, m.index), null);
  }
}

for (const [key, places] of needed) {
  const base = english.texts[key];
  for (const { path, line, names } of places) {
    if (base === undefined) {
      fault(path, line, `key "${key}" of ${relative(root, path)} is in no catalogue`);
    } else if (names) {
      const expected = allPlaceholders(base);
      if (typeof base !== 'string') expected.add('count');
      if (!same(names, expected)) fault(path, line, `key "${key}" is given ${named(names)} and its text has ${named(expected)}`);
    }
  }
}
for (const key of keysOf(english)) {
  if (!needed.has(key) && !usedNames.has(key) && !patterns.some((p) => p.test(key))) {
    fault(english.path, keyLine(english, key), `${first}.json: key "${key}" is used nowhere`);
  }
}
process.exit(faults > 0 && !listMissing && !unfinished ? 1 : 0);
