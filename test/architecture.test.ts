/**
 * The house: which file may import what, which rooms are pure, and the other habits a machine can check. The map is here,
 * the reasons are in ARCHITECTURE.md. The checker itself is tested on planted faults, so that it cannot rot into a nod.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** The first room whose `files` match is the file's. `load` may be imported, `name` only as a type, `lazy` only by `import()`. */
type Room = Readonly<{ files: RegExp; load: RegExp; name?: RegExp; lazy?: RegExp; pure?: true }>;
const rooms: readonly Room[] = [
  { files: /^daemon\/contract\//, load: /^zod$|^daemon\/contract\//, pure: true },
  { files: /^daemon\/core\//, load: /^daemon\/(core|contract)\/|^daemon\/errors/, pure: true },
  { files: /^daemon\/(errors|fault)\.ts$/, load: /^daemon\/contract\/|^daemon\/core\/saying/, pure: true },
  {
    files: /^daemon\/store\//,
    load: /^(better-sqlite3|zod|node:.+)$|^daemon\/(store|core|contract)\/|^daemon\/errors/,
  },
  {
    files: /^daemon\/http\//,
    load: /^(express|zod|node:.+)$|^daemon\/(http|contract)\/|^daemon\/(errors|endpoint)/,
    name: /^daemon\/(provider|log)/,
  },
  // It judges the relay: if both shared a reader they would misread the same request, and agree.
  {
    files: /^daemon\/sandbox\//,
    load: /^(express|scimmy|scimmy-routers|zod|node:.+)$|^daemon\/sandbox\/|^daemon\/contract\/scim/,
  },
  {
    files: /^daemon\/cli\/process\.ts$/,
    load: /^(commander|node:(module|os|path))$|^daemon\/cli\//,
    lazy: /^daemon\/(main|config|sandbox\/steeple)\.ts$/,
  },
  { files: /^daemon\/closed\.ts$/, load: /^node:|^daemon\/(store|contract)\/|^daemon\/(errors|lock)/ },
  {
    files: /^daemon\/cli\/(journal|backup)\.ts$/,
    load: /^(commander|zod|node:.+)$|^daemon\/(cli|contract)\//,
    lazy: /^daemon\/closed\.ts$/,
  },
  {
    // core/bundle.ts: a bundle is opened and decided on where no relay runs.
    files: /^daemon\/cli/,
    load: /^(commander|zod|node:.+)$|^daemon\/(cli|contract|service)\/|^daemon\/(errors|endpoint|version|core\/bundle)/,
    lazy: /^daemon\/doctor\.ts$/, // what can be looked at where no relay runs
  },
  { files: /^daemon\/service\//, load: /^node:|^daemon\/(service\/|errors)/ },
  // It plays provider, person and onlooker; the relay itself it meets only over its sockets.
  { files: /^daemon\/demo/, load: /^(zod|node:.+)$|^daemon\/(demo|sandbox|contract)\/|^daemon\/cli\/client/ },
  // Outbound HTTP to Steeple.
  {
    files: /^daemon\/exchange\.ts$/,
    load: /^daemon\/(errors|fault|loopback|route)/,
  },
  { files: /^daemon\/route\.ts$/, load: /^(undici|node:crypto|node:tls)$|^daemon\/certificates/ },
  {
    files: /^daemon\/(steeple|answer|reading|ability|bulk|put|catalogue|probe)\.ts$/,
    load: /^zod$|^daemon\/contract\/|^daemon\/(errors|exchange|answer|reading|ability|bulk|put|catalogue|steeple|core\/saying)/,
  },
  // The use cases and the workers.
  // The thread beside the relay's own: it reads, and nothing else.
  {
    files: /^daemon\/surveyworker\.ts$/,
    load: /^(zod|node:.+)$|^daemon\/(store\/|errors|core\/planpack)/,
    name: /^daemon\/surveyor/,
  },
  {
    files: /^daemon\/surveyor\.ts$/,
    load: /^node:|^daemon\/(errors|version|core\/planpack)/,
    name: /^daemon\/store\/(surveying|binding)/,
  },
  {
    files:
      /^daemon\/(relay|provider|intake|planner|forwarder|circuit|conclusion|courier|twins|observer|drift|upstream)\.ts$|^daemon\/relay\//,
    load: /^daemon\/(store|core|contract|relay)\/|^daemon\/(errors|courier|twins|circuit|conclusion)|^node:timers\/promises$/,
    name: /^daemon\/(log|steeple|reading|forwarder|circuit|observer|drift|upstream|secrets|cursor|alerts|network|keys|surveyor|undo)/,
  },
  { files: /^daemon\/main\.ts$/, load: /^node:|^daemon\/(?!sandbox|demo|cli)/ },
  // Messages to people: the one other place that speaks HTTP to somebody, and mail.
  {
    files: /^daemon\/messenger\.ts$/,
    load: /^(undici|nodemailer)$|^daemon\/(errors|loopback|route)/,
    name: /^daemon\/contract\//,
  },
  {
    files: /^daemon\/(alerts|network|expiry|keys)\.ts$/,
    load: /^(zod|node:crypto)$|^daemon\/(core|contract)\/|^daemon\/(errors|messenger|certificates)/,
    name: /^daemon\/(store\/settings|log|route|secrets)/,
  },
  { files: /^daemon\/renewal\.ts$/, load: /^daemon\/certificates/, name: /^daemon\/log/ },
  {
    files: /^daemon\/checkup\.ts$/,
    load: /^daemon\/(ability|doctor|expiry|look)/,
    name: /^daemon\/(contract\/|store\/|network|renewal|secrets|upstream)/,
  },
  { files: /^daemon\/doctor\.ts$/, load: /^node:|^daemon\/core\/saying/, name: /^daemon\/(contract\/|certificates)/ },
  { files: /^daemon\/look\.ts$/, load: /^daemon\/exchange/, name: /^daemon\/(certificates|doctor|route)/ },
  { files: /^daemon\/metrics\.ts$/, load: /^prom-client$/, name: /^daemon\/contract\// },
  { files: /^daemon\/(logfile|pinoroll\.d)\.ts$/, load: /^pino-roll$/ },
  { files: /^daemon\/log\.ts$/, load: /^pino$/, name: /^daemon\/config/ },
  {
    files: /^daemon\/[a-z]+\.ts$/,
    load: /^(zod|node:.+)$|^daemon\/contract\/|^daemon\/(errors|loopback|keychain|sealed|core\/saying)/,
  },
  { files: /^src\/preload\/index\.ts$/, load: /^electron$/, name: /^src\/preload\// },
  { files: /^src\/preload\//, load: /^zod$|^daemon\/contract\/|^src\/preload\// },
  {
    files: /^src\/main\/(index|window)\.ts$/,
    load: /^(electron|electron-updater|zod|node:.+)$|^src\/(main|preload)\/|^daemon\/contract\//,
  },
  { files: /^src\/main\/policy\.ts$/, load: /^node:path$|^src\/main\//, pure: true },
  {
    files: /^src\/main\/(words|notices|deeplink|bounds|menus)\.ts$/,
    load: /^src\/main\/|^src\/preload\/links/,
    name: /^electron$|^daemon\/contract\//,
    pure: true,
  },
  // The app attaches to a relay as the command line does.
  {
    files: /^src\/main\/(relay|remote|connection)\.ts$/,
    load: /^(zod|node:.+)$|^src\/(main|preload)\/|^daemon\/(contract\/|cli\/client|endpoint)/,
  },
  { files: /^src\/main\//, load: /^(zod|node:.+)$|^src\/(main|preload)\/|^daemon\/contract\//, name: /^electron$/ },
  {
    files: /^src\/renderer\//,
    load: /^(react|react-dom|react-i18next|i18next|zustand|@mantine\/\w+|@tabler\/icons-react|@tanstack\/react-\w+|@fontsource-variable\/.+|virtual:.+)(\/|$)|^src\/(renderer\/|preload\/links)|^daemon\/core\/bundle/,
    // A bundle is opened and decided on where no relay runs (core/bundle.ts needs nothing a page may not have).
    // Types only of the rest: zod must not be in the page, whose content policy forbids what its fast path tries.
    name: /^(src\/preload|daemon\/contract)\//,
  },
];

/** Longer than 400 lines, each for a reason. */
const long: Readonly<Record<string, string>> = {
  'daemon/main.ts': 'the composition root: it wires every part, and has no logic to take out',
};
/** File names that say a shape instead of a thing, where a tool asks for them. */
const named: Readonly<Record<string, string>> = {
  'src/main/index.ts': 'electron-vite’s entry',
  'src/preload/index.ts': 'electron-vite’s entry',
  'src/renderer/types.d.ts': 'what Vite imports and TypeScript cannot know',
};

const shapes = /^(utils?|helpers?|common|shared|types|index|managers?|services?|misc|lib|constants|interfaces)\b/;
const impure =
  /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|process\.|console\.\w+\(|fetch\(|setTimeout|setInterval|setImmediate|queueMicrotask|crypto\.|globalThis|Intl\.DateTimeFormat\(\))/;
// Upper case, as the house writes SQL; lower-case prose about selecting and updating stays prose.
const sql =
  /\bSELECT\b[\s\S]{1,400}?\bFROM\b|\bINSERT (OR \w+ )?INTO\b|\bUPDATE \w+ SET\b|\bDELETE FROM\b|\bCREATE (UNIQUE )?(TABLE|INDEX|TRIGGER|VIEW)\b|\bPRAGMA\b/;
const withoutComments = (source: string): string => source.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '$1');

/** Everything wrong with one file, in words. */
function faults(file: string, source: string): string[] {
  const room = rooms.find(({ files }) => files.test(file));
  if (room === undefined) return ['belongs to no room'];
  const code = withoutComments(source);
  return [
    ...importFaults(file, source, room),
    ...habitFaults(file, source),
    ...(room.pure ? purityFaults(code) : []),
    ...sqlFaults(file, code),
  ];
}

function importFaults(file: string, source: string, { load, name, lazy }: Room): string[] {
  const found: string[] = [];
  const statements = /^(?:im|ex)port (type )?(?:[^'";]*? from )?'([^']+)'|\bimport\('([^']+)'\)/gm;
  for (const [, type, stated, imported] of source.matchAll(statements)) {
    const target = (stated ?? imported ?? '').replace(/^\.\.?\/.*/, (path) => join(dirname(file), path));
    const may = load.test(target) || (type && name?.test(target)) || (imported && lazy?.test(target));
    if (!may) found.push(`must not import ${target}`);
  }
  // An import whose name is computed cannot be checked; the keychain's is optional and must not be bundled.
  if (
    /\bimport\((?!'[^']+'\))/.test(withoutComments(source)) &&
    !['daemon/keychain.ts', 'src/main/index.ts'].includes(file)
  )
    found.push('must not import a computed name');
  if (/\brequire\(|createRequire/.test(withoutComments(source))) found.push('must not use require');
  return found;
}

function habitFaults(file: string, source: string): string[] {
  const found: string[] = [];
  const lines = source.trimEnd().split('\n').length;
  if (shapes.test(basename(file)) && !(file in named)) found.push('is named after a shape, not after a thing');
  if (!/^[a-z][a-z0-9]*(\.(d|en|fr))?\.tsx?$/.test(basename(file))) found.push('is not named by one lower-case word');
  if (lines > 400 && !(file in long))
    found.push(`has ${lines} lines and no reason for it in test/architecture.test.ts`);
  if (/^(daemon|src\/(main|preload))\//.test(file) && !/^(#!.*\n)?\/\*\*/.test(source))
    found.push('does not say at its head what it is for');
  if (/^export (\*|(?!type )\{[^}]*\}) from /m.test(source)) found.push('re-exports: import from where it lives');
  if (/^export default /m.test(source)) found.push('has a default export; name it');
  return found;
}

function purityFaults(code: string): string[] {
  const hit = impure.exec(code)?.[0];
  return hit === undefined ? [] : [`is pure, and uses ${hit}`];
}

const sqlFaults = (file: string, code: string): string[] => {
  const hit = file.startsWith('daemon/store/') ? undefined : sql.exec(code)?.[0];
  return hit === undefined ? [] : [`has SQL outside the store: ${hit}`];
};

const files = globSync('{daemon,src}/**/*.{ts,tsx}')
  .map((file) => file.replaceAll('\\', '/'))
  .sort();

test.each(files)('%s keeps to its room', (file) => {
  expect(faults(file, readFileSync(file, 'utf8'))).toEqual([]);
});

test('every room has somebody in it, and every exception is still one', () => {
  expect(files.length).toBeGreaterThan(100);
  for (const { files: pattern } of rooms)
    expect(
      files.some((file) => pattern.test(file)),
      String(pattern),
    ).toBe(true);
  for (const file of Object.keys(long))
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length, file).toBeGreaterThan(400);
  for (const file of Object.keys(named)) expect(files).toContain(file);
});

const head = '/** What it is for. */\n';
const planted: readonly (readonly [file: string, source: string, fault: RegExp | undefined])[] = [
  ['daemon/core/plan.ts', "import type { Plan } from '../contract/admin.ts';", undefined],
  ['daemon/core/plan.ts', "import { createHash } from 'node:crypto';", /must not import node:crypto/],
  ['daemon/core/plan.ts', "import type { Database } from 'better-sqlite3';", /must not import better-sqlite3/],
  [
    'daemon/core/plan.ts',
    "import {\n  open,\n  type Database,\n} from '../store/db.ts';",
    /must not import daemon\/store\/db/,
  ],
  ['daemon/core/plan.ts', "import '../store/db.ts';", /must not import daemon\/store/],
  ['daemon/core/plan.ts', "export { open } from '../store/db.ts';", /must not import daemon\/store/],
  ['daemon/core/plan.ts', "const late = () => import('../store/db.ts');", /must not import daemon\/store/],
  ['daemon/core/plan.ts', 'const at = Date.now();', /uses Date\.now/],
  ['daemon/core/plan.ts', 'const at = new Date();', /uses new Date/],
  ['daemon/core/plan.ts', 'const shown = new Date(at);', undefined],
  ['daemon/core/plan.ts', '// Date.now() is what the caller calls\n/* Math.random() */', undefined],
  ['daemon/core/plan.ts', 'if (process.env.X) {}', /uses process/],
  ['daemon/contract/admin.ts', "import { fold } from '../core/directory.ts';", /must not import daemon\/core/],
  ['daemon/contract/admin.ts', "const call = 'console.ticket';", undefined],
  ['daemon/core/plan.ts', "console.log('x');", /uses console/],
  ['daemon/errors.ts', 'setTimeout(() => {}, 1);', /uses setTimeout/],
  ['daemon/store/journal.ts', 'const all = `SELECT seq\n  FROM journal`;', undefined],
  ['daemon/store/journal.ts', "import { scimApp } from '../http/scim.ts';", /must not import daemon\/http/],
  ['daemon/relay.ts', 'const all = `SELECT seq\n  FROM journal`;', /SQL outside the store/],
  ['daemon/http/scim.ts', "db.exec('DELETE FROM journal');", /SQL outside the store/],
  ['daemon/relay.ts', "import express from 'express';", /must not import express/],
  ['daemon/relay.ts', "import type { Steeple } from './steeple.ts';", undefined],
  ['daemon/relay.ts', "import { steeple } from './steeple.ts';", /must not import daemon\/steeple/],
  ['daemon/relay.ts', "import { type Steeple } from './steeple.ts';", /must not import daemon\/steeple/],
  ['daemon/forwarder.ts', "import { Pool } from 'undici';", /must not import undici/],
  ['daemon/http/scim.ts', "import { open } from '../store/db.ts';", /must not import daemon\/store/],
  ['daemon/http/scim.ts', "import type { Provider } from '../provider.ts';", undefined],
  ['daemon/http/scim.ts', "import { provider } from '../provider.ts';", /must not import daemon\/provider/],
  ['daemon/sandbox/steeple.ts', "import { urn } from '../contract/scim.ts';", undefined],
  [
    'daemon/sandbox/steeple.ts',
    "import type { Plan } from '../contract/admin.ts';",
    /must not import daemon\/contract\/admin/,
  ],
  ['daemon/sandbox/steeple.ts', "import { parseFilter } from '../core/filter.ts';", /must not import daemon\/core/],
  ['daemon/cli/process.ts', "await import('../main.ts');", undefined],
  ['daemon/cli/process.ts', "import { start } from '../main.ts';", /must not import daemon\/main/],
  ['daemon/cli/plan.ts', "await import('../main.ts');", /must not import daemon\/main/],
  ['daemon/cli/plan.ts', "import { open } from '../store/db.ts';", /must not import daemon\/store/],
  ['daemon/main.ts', "import { steeple } from './sandbox/steeple.ts';", /must not import daemon\/sandbox/],
  ['daemon/main.ts', 'await import(name);', /computed name/],
  ['daemon/main.ts', "const sqlite = createRequire(import.meta.url)('better-sqlite3');", /must not use require/],
  ['src/main/policy.ts', "import { app } from 'electron';", /must not import electron/],
  ['src/main/ipc.ts', "import type { IpcMain } from 'electron';", undefined],
  ['src/main/ipc.ts', "import { ipcMain } from 'electron';", /must not import electron/],
  ['src/preload/index.ts', "import { calls } from './contract.ts';", /must not import src\/preload\/contract/],
  ['src/renderer/store.ts', "import type { Status } from '../../daemon/contract/admin.ts';", undefined],
  [
    'src/renderer/store.ts',
    "import { Status } from '../../daemon/contract/admin.ts';",
    /must not import daemon\/contract/,
  ],
  ['src/renderer/store.ts', "import { readFileSync } from 'node:fs';", /must not import node:fs/],
  ['src/renderer/store.ts', "import { ipcRenderer } from 'electron';", /must not import electron/],
  ['src/renderer/utils.ts', '', /named after a shape/],
  ['daemon/core/helpers.ts', '', /named after a shape/],
  ['daemon/http/index.ts', '', /named after a shape/],
  ['daemon/core/planMaker.ts', '', /one lower-case word/],
  ['daemon/core/plan.ts', "export * from './gate.ts';", /re-exports/],
  ['daemon/core/plan.ts', "export { gate } from './gate.ts';", /re-exports/],
  ['daemon/core/plan.ts', "export type { Gate } from './gate.ts';", undefined],
  ['daemon/core/plan.ts', 'export default plan;', /default export/],
  ['daemon/core/plan.ts', 'x;\n'.repeat(400), /401 lines/],
  ['elsewhere/file.ts', '', /belongs to no room/],
];
test.each(planted)('in %s, %j is judged rightly', (file, source, fault) => {
  const found = faults(file, head + source);
  if (fault === undefined) expect(found).toEqual([]);
  else expect(found.join('\n')).toMatch(fault);
});
test('a file without a header, or with code before it, is told to have one', () => {
  expect(faults('daemon/core/plan.ts', 'export const plan = 1;\n')).toEqual([
    'does not say at its head what it is for',
  ]);
  expect(faults('daemon/cli.ts', `#!/usr/bin/env node\n${head}`)).toEqual([]);
});
