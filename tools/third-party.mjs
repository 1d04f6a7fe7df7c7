// Writes docs/third-party.md from the lock files and the packages they name; run it after a restore.
//   node tools/third-party.mjs
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = process.env.NUGET_PACKAGES ?? join(process.env.HOME, '.nuget', 'packages');

// Read in the package's own licence file, since its metadata names none.
const readByHand = { 'SourceGear.sqlite3': 'public domain' };
// Analyzers: they see the source and leave nothing in the program.
const atBuild = new Set(['Meziantou.Analyzer', 'Microsoft.CodeAnalysis.BannedApiAnalyzers', 'Roslynator.Analyzers']);

const debian = [
  ['chromium', 'BSD-3-Clause and others (its own copyright file)', 'tests'],
  ['fonts-noto-core', 'OFL-1.1', 'tests'],
  ['golang-go', 'BSD-3-Clause', 'tests'],
  ['golang-golang-x-mod-dev', 'BSD-3-Clause', 'tests'],
  ['libssl3', 'Apache-2.0', 'the program: Ed25519 signatures, TLS'],
  ['openssl', 'Apache-2.0', 'tests'],
  ['postgresql-15', 'PostgreSQL', 'tests; the program, where `--database postgres://…` is given'],
  ['.NET 10 runtime and ASP.NET Core (not a Debian package)', 'MIT', 'the program'],
  ['.NET 10 SDK (not a Debian package)', 'MIT', 'build'],
  ['Node.js 20 with npm (not a Debian package)', 'MIT; Artistic-2.0', 'build'],
];

function folders(parent) {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !['bin', 'obj', 'node_modules'].includes(entry.name))
    .map(entry => `${parent}/${entry.name}`);
}

function projects(file) {
  return ['src', 'tests', 'bench'].filter(parent => existsSync(join(root, parent)))
    .flatMap(parent => [parent, ...folders(parent), ...folders(parent).flatMap(folders)])
    .map(folder => `${folder}/${file}`)
    .filter(path => existsSync(join(root, path)));
}

function nugetLicence(name, version) {
  const id = name.toLowerCase();
  const text = readFileSync(join(cache, id, version, `${id}.nuspec`), 'utf8');
  const expression = /<license type="expression"[^>]*>([^<]+)</.exec(text)?.[1] ?? readByHand[name];
  if (!expression) {
    throw new Error(`${name} ${version} names no licence: read it and add it to readByHand.`);
  }
  return expression;
}

function nuget() {
  const users = new Map();
  for (const path of projects('packages.lock.json')) {
    for (const packages of Object.values(JSON.parse(readFileSync(join(root, path), 'utf8')).dependencies)) {
      for (const [name, { type, resolved }] of Object.entries(packages)) {
        if (type !== 'Project') {
          const key = `${name} ${resolved}`;
          users.set(key, [...(users.get(key) ?? []), path]);
        }
      }
    }
  }
  return [...users].map(([key, paths]) => {
    const [name, version] = key.split(' ');
    const use = atBuild.has(name) ? 'build'
      : paths.some(path => path.startsWith('src/')) ? 'the program'
      : paths.some(path => path.startsWith('tests/')) ? 'tests' : 'benchmarks';
    return [key, nugetLicence(name, version), use];
  });
}

function npm() {
  return projects('package-lock.json').flatMap(path =>
    Object.entries(JSON.parse(readFileSync(join(root, path), 'utf8')).packages)
      .filter(([place]) => place !== '')
      .map(([place, { version, license }]) => {
        const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
        if (!license) {
          throw new Error(`${name} ${version} names no licence in ${path}.`);
        }
        return [`${name} ${version}`, license, path.startsWith('src/') ? 'build, or copied into the pages' : 'tests'];
      }));
}

function table(rows) {
  const sorted = [...new Map(rows.map(row => [row[0].toLowerCase(), row])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return ['| part | licence | used by |', '|---|---|---|', ...sorted.map(([, row]) => `| ${row.join(' | ')} |`)].join('\n');
}

writeFileSync(join(root, 'docs', 'third-party.md'), `# What others made

Manzil is under the EUPL-1.2 (\`LICENSE\`). It is built from, runs on and is tested with the parts below, each under its own licence. None of their source is in this repository. \`node tools/third-party.mjs\` writes this page from the lock files and the packages' own metadata; a test fails when a package is missing from it.

## From Debian, Microsoft and the Node.js project

${table(debian)}

## From NuGet

${table(nuget())}

## From npm

${table(npm())}
`);
