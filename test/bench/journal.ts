/**
 * `npm run bench -- journal`: how fast the chain is verified, and how much of its speed intake keeps during a backup.
 *
 * verify: BENCH_ENTRIES (200,000) entries as a first cycle of Entra makes them, on the relay's own code path; entries a
 * second by the clock, and by the process's own CPU time, which says what a machine with nothing else to do would give.
 * backup: the whole relay in a process of its own, pushed to by 8 connections, by turns with a backup running and without;
 * the ratio is the median over rounds. A backup is begun anew as soon as one is done, so the whole round is under one.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { client } from '../../daemon/cli/client.ts';
import { looking, open } from '../../daemon/store/db.ts';
import { journal } from '../../daemon/store/journal.ts';
import { verify } from '../../daemon/store/proof.ts';
import { check } from '../../daemon/store/rebuild.ts';
import { sources } from '../../daemon/store/sources.ts';
import { type Client, clients, drive, median } from './wire.ts';

const entries = Number(process.env.BENCH_ENTRIES ?? 200_000);
const say = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);
const token = 'bench';
/** Enough that a round lasts longer than a backup: copying and proving are both in it. */
const perRound = 6000;
const user = (index: number) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  externalId: `0a21f0f2-8d2a-4f8e-bf98-${String(index).padStart(12, '0')}`,
  userName: `person.${index}@example.test`,
  active: true,
  displayName: `Person Number ${index}`,
  emails: [{ primary: true, type: 'work', value: `person.${index}@example.test` }],
  name: { formatted: `Person Number ${index}`, familyName: `Number ${index}`, givenName: 'Person' },
  title: 'Engineer',
});

const data = mkdtempSync(join(tmpdir(), 'bench-journal-'));
const file = join(data, 'relay.db');
const db = open(file);
const log = journal(db);
await sources(db, log).add({ kind: 'entra', name: 'bench', token, by: 'bench', now: Date.now() });
const fill = db.transaction((from: number) => {
  for (let index = from; index < from + 10_000; index += 1) {
    const id = `0a21f0f2-8d2a-7f8e-bf98-${String(index).padStart(12, '0')}`;
    // By turns a new person, refused here so that no directory is needed, and a membership.
    const body =
      index % 2 === 0
        ? { method: 'POST', kind: 'User', id, status: 409, body: user(index) }
        : {
            method: 'PATCH',
            kind: 'Group',
            id,
            status: 404,
            body: { Operations: [{ op: 'Add', path: 'members', value: [{ value: id }] }] },
          };
    log.append({ at: 1_700_000_000_000 + index, kind: 'refusal', source: 'bench', subject: id, body });
  }
});
for (let from = 0; from < entries; from += 10_000) fill(from);
db.close();

for (let round = 0; round < 3; round += 1)
  await looking(file, async (view) => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { ok, entries: walked } = await verify(view);
    const seconds = (performance.now() - start) / 1000;
    const { user: ours, system } = process.cpuUsage(cpu);
    if (!ok) throw new Error('the chain does not hold');
    say({
      bench: 'journal.verify',
      entries: walked,
      perSecond: Math.round(walked / seconds),
      perCpuSecond: Math.round(walked / ((ours + system) / 1e6)),
      heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
    });
  });
await looking(file, async (view) => {
  const start = performance.now();
  const { entries: applied } = await check(view);
  say({
    bench: 'journal.check',
    entries: applied,
    perSecond: Math.round(applied / ((performance.now() - start) / 1000)),
  });
});

const child = fork(join(import.meta.dirname, 'relay.ts'), [data]);
try {
  const { url } = await new Promise<{ url: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url: string }));
    child.once('exit', (code) => reject(new Error(`the relay ended with ${code}`)));
  });
  const ask = client(data);
  const over = clients(url, token, 8);
  let next = 0;
  const push = async (_: number, send: Client['ask']) => {
    const { status } = await send({ method: 'POST', path: '/Users', body: user(1_000_000 + next++) });
    if (status !== 201) throw new Error(`a push was answered ${status}`);
  };
  const rates = { quiet: [] as number[], busy: [] as number[] };
  const took: number[] = [];
  await drive(over, perRound, push);
  for (let round = 0; round < 5; round += 1) {
    rates.quiet.push(perRound / (await drive(over, perRound, push)));
    let going = true;
    const backups = (async () => {
      for (let made = 0; going; made += 1) {
        const start = performance.now();
        const target = join(data, `b-${round}-${made}.db`);
        await ask('backup.make', { file: target, by: 'bench' });
        took.push((performance.now() - start) / 1000);
        rmSync(target);
      }
    })();
    rates.busy.push(perRound / (await drive(over, perRound, push)));
    going = false;
    await backups;
  }
  say({
    bench: 'journal.backup',
    pushesPerSecond: Math.round(median(rates.quiet)),
    duringBackup: Math.round(median(rates.busy)),
    ratio: Number(median(rates.busy.map((rate, round) => rate / rates.quiet[round]!)).toFixed(2)),
    backupSeconds: Number(median(took).toFixed(2)),
    backups: took.length,
  });
  for (const { close } of over) close();
} finally {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  await ended;
  rmSync(data, { recursive: true, force: true });
}
