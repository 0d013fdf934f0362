/**
 * The gate under every rule at once: protected accounts, the last administrator, a source that shrank, limits of one source,
 * standing approvals with days of grace, two people, quiet hours; with restarts while writes are on their way.
 *
 * The oracle knows nothing of plans or items. It follows what was pushed and decided, and asks of every write that takes
 * something whether it was allowed then; and at the end, whether anything but that was kept from leaving.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Policy } from '../daemon/contract/policy.ts';
import type { Job } from '../daemon/store/claims.ts';
import { effectsOf, type Stores, stores } from './stores.ts';

const day = 86_400_000;
const range = (to: number) => Array.from({ length: to }, (_, at) => at);
/** p0 is protected by the filter, p1 by a group in a group, p2 by name; p3 and p4 administer finance; p5 and p6 are plain. */
const count = 7;
const guarded = new Set([0, 1, 2]);

const who = fc.integer({ min: 0, max: count - 1 });
const doing = <T extends string>(weight: number, ...names: readonly T[]) => ({
  weight,
  arbitrary: fc.record({ do: fc.constantFrom(...names), who, by: fc.constantFrom('ann', 'ben') }),
});
const step = fc.oneof(
  doing(6, 'off', 'off', 'on', 'out', 'out', 'in', 'demote', 'promote', 'title'),
  doing(4, 'approve', 'approve', 'keep', 'undo'),
  doing(4, 'send', 'send quietly', 'send a bit and restart'),
  doing(2, 'stand', 'unstand', 'wait', 'clear'),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const rules = fc.record({
  twoPerson: fc.boolean(),
  grace: fc.constantFrom(0, 1),
  floor: fc.constantFrom(0, 1, 99),
  shrinks: fc.boolean(),
});
type Rules = typeof rules extends fc.Arbitrary<infer T> ? T : never;

const switchesOn = (job: Job) =>
  effectsOf(job).some(
    (effect) =>
      effect.kind === 'patched' && effect.patch.some(({ path, value }) => path === 'active' && value === true),
  );

test('G3-G8 under all rules, traffic, decisions and restarts no loss leaves that nothing covers, and nothing else waits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatelaw-'));
  const first = join(folder, 'first.db');
  const begin = 1_000_000_000_000;
  // The same company for every run, made once and copied.
  const made = await stores(first, () => begin);
  const { source } = made;
  const ids: string[] = [];
  for (const at of range(count)) ids.push(await made.user(`p${at}@x.test`, { title: at === 0 ? 'Director' : 'Clerk' }));
  const fin = await made.group('fin', ids);
  const admins = await made.group('fadm', [ids[3]!, ids[4]!]);
  const hall = await made.group('hall', ids);
  const vip = await made.group('vip', []);
  await made.members(vip, 'add', [await made.group('inner', [ids[1]!])]);
  await made.map([
    [fin, 'finance', 'contributor'],
    [admins, 'finance', 'administrator'],
    [hall, 'hall', 'contributor'],
  ]);
  await made.enable();
  await made.acknowledge();
  await made.close();
  let run = 0;
  const law = fc.asyncProperty(
    fc.array(step, { minLength: 6, maxLength: 16 }),
    rules,
    async (steps, { twoPerson, grace, floor, shrinks }) => {
      let now = begin;
      const file = join(folder, `${++run}.db`);
      copyFileSync(first, file);
      let relay: Stores = await stores(file, () => now);
      const set = (change: Partial<Policy>) =>
        relay.settings.set('policy', Policy.parse({ ...relay.settings.get('policy'), ...change }));
      // For everybody nothing may leave by itself; the source has its own floor, which is what counts.
      set({
        ...{ limitFloor: 0, limitPercent: 0, groupPercent: 100, twoPerson },
        ...{ protected: ['P2@x.test'], protectedGroups: [vip], protectedFilter: 'title eq "Director"' },
        sourceLimits: { [source]: { limitFloor: floor, limitPercent: 0, limitCap: 25 } },
        ...{ shrinkFloor: shrinks ? 3 : 99, shrinkPercent: 30 },
      });

      const active = new Set(range(count));
      const offAt = new Map<number, number>();
      const inside = new Set(range(count));
      const administers = new Set([3, 4]);
      const inSteeple = new Set([3, 4]); // administrators there, by what was sent
      const removed = new Set<number>(); // deactivated there, by what was sent
      const titles = new Map<number, string>();
      const approvals = new Map<string, { names: Set<string>; at: number }>();
      const left: { at: number; who: number; kind: string; approvedAt: number | undefined }[] = [];
      const lostAt = new Map<number, number>();
      let standingSince: number | undefined;
      const nums = new Map(
        range(count).map((at) => [
          relay.db.prepare<[string], number>('SELECT num FROM person WHERE id = ?').pluck().get(ids[at]!) ?? -1,
          at,
        ]),
      );
      const forget = (at: number, ...kinds: readonly string[]) => {
        for (const kind of kinds) approvals.delete(`${at} ${kind}`);
      };

      /** Whether somebody may lose that now. */
      function allowed(at: number, kind: 'remove' | 'revoke' | 'downgrade'): string | undefined {
        const approval = approvals.get(`${at} ${kind}`);
        const [alarm] = relay.gatekeeping.alarms();
        if (approval && approval.names.size >= (twoPerson ? 2 : 1))
          return alarm && approval.at <= alarm.since ? 'approved before the alarm' : undefined;
        if (kind === 'remove') {
          const due = Math.max(offAt.get(at) ?? now, grace === 0 ? 0 : (standingSince ?? now)) + grace * day;
          if (standingSince === undefined || now < due) return 'nobody approved it';
        }
        if (alarm) return 'the source shrank';
        if (guarded.has(at)) return 'protected';
        // What a person approved after somebody was inside the limits counts against those who come after, not against them.
        const since = (kind === 'remove' ? offAt : lostAt).get(at) ?? now;
        const counts = (one: (typeof left)[number]) => one.approvedAt === undefined || one.approvedAt <= since;
        const before = left.filter((one) => one.kind === kind && one.at > now - day && counts(one));
        const recent = new Set(before.map((one) => one.who));
        if (recent.add(at).size > floor) return 'over the limit';
        const others = [...administers].filter((one) => one !== at && active.has(one));
        const staying = [...inSteeple].filter((one) => one !== at);
        if (inSteeple.has(at) && others.length + staying.length === 0) return 'the last administrator';
        return undefined;
      }
      const kindOf = (at: number, role: string) =>
        !active.has(at) ? 'remove' : inside.has(at) && role === 'administrator' ? 'downgrade' : 'revoke';

      async function send(quiet: boolean, atMost = 99): Promise<void> {
        for (let round = 0; round < 12; round += 1) {
          const planned = await relay.planning.reconcile(now);
          const jobs = await relay.outbox.claim(now, 64, 100, quiet);
          if (jobs.length === 0 && planned === undefined) break;
          const some = jobs.slice(0, atMost);
          for (const job of some) {
            const target = JSON.stringify(job.target ?? '');
            if (job.kind === 'user.deactivate') {
              const at = nums.get(job.person ?? -1) ?? -1;
              expect([quiet, active.has(at), allowed(at, 'remove')], `p${at} removed`).toEqual([
                false,
                false,
                undefined,
              ]);
              left.push({ at: now, who: at, kind: 'remove', approvedAt: approvals.get(`${at} remove`)?.at });
              inSteeple.delete(at);
              removed.add(at);
            }
            if (switchesOn(job)) removed.delete(nums.get(job.person ?? -1) ?? -1);
            for (const { person, add } of job.members) {
              const at = nums.get(person) ?? -1;
              const role = target.includes('administrator') ? 'administrator' : 'contributor';
              if (add) {
                if (role === 'administrator') inSteeple.add(at);
                continue;
              }
              // Rising takes somebody out of the lower group, which is no loss.
              const rises = active.has(at) && role === 'contributor' && administers.has(at) && inside.has(at);
              if (rises) continue;
              // Who is deactivated there has nothing left to lose: it is the rest of what was allowed when they were.
              if (!active.has(at) && removed.has(at)) continue;
              expect(quiet, 'taken in quiet hours').toBe(false);
              expect(target.includes('hall') && active.has(at), 'nobody was taken out of the hall').toBe(false);
              const kind = kindOf(at, role);
              expect(allowed(at, kind), `p${at} ${kind} ${role}`).toBeUndefined();
              if (kind !== 'remove')
                left.push({ at: now, who: at, kind, approvedAt: approvals.get(`${at} ${kind}`)?.at });
              if (role === 'administrator') inSteeple.delete(at);
            }
            await relay.outbox.settle([{ job, state: 'done', at: now, effects: effectsOf(job) }]);
          }
          await relay.outbox.release(jobs.slice(atMost));
          if (jobs.length > atMost) break;
        }
      }
      const decide = async (event: 'approve' | 'keep' | 'undo', at: number, by: string) => {
        const open = (await relay.reviews.list({ states: ['held', 'approved', 'kept'] }, 0, 99)).items;
        const item = open.find(({ person }) => nums.get(person) === at);
        if (item === undefined) return;
        const made = { event, by, reason: 'r', at: now, twoPerson };
        const done = await relay.reviews.decide([item.id], made).then(
          () => true,
          () => false,
        );
        if (!done) return;
        const key = `${at} ${item.kind}`;
        const known = item.state === 'held' ? approvals.get(key)?.names : undefined;
        if (event === 'approve') approvals.set(key, { names: new Set([...(known ?? []), by]), at: now });
        else approvals.delete(key);
      };
      const standing = (on: boolean) => {
        standingSince = on ? now : undefined;
        const one = { id: `s${now}`, kinds: ['remove' as const], sources: [], upTo: 99, afterDays: grace };
        set({ standing: on ? [{ ...one, until: now + 99 * day, enabledBy: 'ann', enabledAt: now, reason: 'r' }] : [] });
      };

      for (const { do: what, who: at, by } of steps) {
        now += 1;
        if (what === 'off' && active.has(at)) {
          await relay.patchUser(ids[at]!, { active: false });
          active.delete(at);
          offAt.set(at, now);
        } else if (what === 'on') {
          await relay.patchUser(ids[at]!, { active: true });
          active.add(at);
          forget(at, 'remove');
        } else if (what === 'out') {
          await relay.members(fin, 'remove', [ids[at]!]);
          await relay.members(admins, 'remove', [ids[at]!]);
          inside.delete(at);
          administers.delete(at);
          lostAt.set(at, now);
        } else if (what === 'in') {
          await relay.members(fin, 'add', [ids[at]!]);
          inside.add(at);
          forget(at, 'revoke');
        } else if (what === 'demote') {
          await relay.members(admins, 'remove', [ids[at]!]);
          administers.delete(at);
          lostAt.set(at, now);
        } else if (what === 'promote' && inside.has(at)) {
          await relay.members(admins, 'add', [ids[at]!]);
          administers.add(at);
          forget(at, 'revoke', 'downgrade');
        } else if (what === 'title') {
          titles.set(at, `Name ${now}`);
          await relay.patchUser(ids[at]!, { displayName: `Name ${now}` });
        } else if (what === 'stand' || what === 'unstand') {
          standing(what === 'stand');
          await relay.planning.owe('all');
        } else if (what === 'wait') {
          now += day;
          await relay.reviews.ripen(now, relay.settings.get('policy').standing);
        } else if (what === 'clear') {
          for (const alarm of relay.gatekeeping.alarms()) await relay.gatekeeping.clear(alarm.source, 'ann', 'r', now);
        } else if (what === 'approve' || what === 'keep' || what === 'undo') await decide(what, at, by);
        else if (what === 'send a bit and restart') {
          await send(false, 1);
          await relay.close();
          relay = await stores(file, () => now);
        } else if (what === 'send' || what === 'send quietly') await send(what === 'send quietly');
        await relay.planning.reconcile(now); // as the planner does after each push
      }
      now += 1;
      await send(false);
      const owed = relay.db.prepare<[], string>("SELECT kind FROM delivery WHERE state = 'ready'").pluck().all();
      expect(owed, 'nothing that could leave is left').toEqual([]);
      const there = relay.db
        .prepare<[], { num: number; name: string | null }>(
          "SELECT person AS num, json_extract(body, '$.displayName') AS name FROM observed_user WHERE person IS NOT NULL",
        )
        .all();
      for (const { num, name } of there) {
        const at = nums.get(num) ?? -1;
        if (titles.has(at)) expect(name, `p${at} was renamed, whatever waits about them`).toBe(titles.get(at));
      }
      const steeple = Object.values(relay.steeple());
      for (const at of active)
        expect(
          steeple.some((names) => names.includes(`p${at}@x.test`)),
          `p${at} has what they keep`,
        ).toBe(true);
      await relay.close();
    },
  );
  // Found by chance: a source shrinks between the deactivation of somebody and their way out of the groups; and somebody
  // inside the limit leaves after somebody over it, who was approved.
  const said = (does: string, who = 0) => ({ do: does, who, by: 'ann' }) as Step;
  const known: [Step[], Rules][] = [
    [
      [
        ...[said('off', 1), said('off'), said('approve'), said('send a bit and restart')],
        ...[said('off', 2), said('send'), said('clear')],
      ],
      { twoPerson: false, grace: 0, floor: 0, shrinks: true },
    ],
    [
      [said('out', 5), said('out', 4), said('approve', 4), said('send')],
      { twoPerson: false, grace: 0, floor: 1, shrinks: false },
    ],
  ];
  try {
    await fc.assert(law, { numRuns: 20, examples: known });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
