/**
 * The forwarder: claims what is owed to Steeple, sends it, and settles it with what Steeple answered. One in flight per
 * resource, several resources at once.
 *
 * What an answer means is decided in core/delivery.ts; here it is carried out. After a lost answer it looks before it
 * writes again (D2). A 404 on a known id is looked up by externalId and name (D6). A refused token stops everything, and
 * one probe a minute finds out whether that still holds (D4). Nothing leaves while sync is off (G1).
 */
import type { JsonObject, PatchOperation } from './contract/scim.ts';
import { type Account, accountOf, resourceOf } from './core/account.ts';
import { backoff, type Outcome, type Step, stepAfter } from './core/delivery.ts';
import { fold } from './core/directory.ts';
import type { Log } from './log.ts';
import type { Answer, Steeple } from './steeple.ts';
import type { Effect } from './store/observed.ts';
import type { Job, Outbox, Settlement } from './store/outbox.ts';

export type Circuit = Readonly<{ state: 'closed' | 'open'; reason: string | null; remedy: string | null }>;
export type Forwarder = ReturnType<typeof forwarder>;
type Parts = Readonly<{
  outbox: Outbox;
  /** The client for the upstream that is set, or `undefined` while none is. Asked for anew for every round. */
  upstream(): Promise<Steeple | undefined>;
  allowed(): Readonly<{ on: boolean; inFlight: number; batch: number }>;
  /** Called after something was settled: held items may have ended, people may be owed a plan. */
  settled(): void;
  now(): number;
  random(): number;
  log: Log;
  probeMs?: number;
}>;
type Found = Readonly<{ id: string; body: JsonObject }>;
/** What a look-up came to: the resource, nothing, or no answer worth trusting. */
type Sight = Readonly<{ found: Found | undefined }> | Readonly<{ failed: Outcome }>;

export function forwarder({ outbox, upstream, allowed, settled, now, random, log, probeMs = 60_000 }: Parts) {
  let inFlight = 0;
  let circuit: Circuit = { state: 'closed', reason: null, remedy: null };
  let pausedUntil = 0;
  let failures = 0;
  let stopping = false;
  let pumping = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  const waiting: Settlement[] = [];
  let flushing: Promise<void> | undefined;
  const idle = new Set<() => void>();

  /** Everything that ended in this turn of the loop is settled in one commit. */
  function settle(settlement: Settlement): Promise<void> {
    waiting.push(settlement);
    flushing ??= new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        flushing = undefined;
        outbox.settle(waiting.splice(0)).then(resolve, reject);
      });
    });
    return flushing;
  }

  function later(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void pump(), Math.max(0, Math.min(ms, 2_147_483_647)));
    timer.unref();
  }

  async function pump(): Promise<void> {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    try {
      do {
        again = false;
        await round();
      } while (again);
    } catch (cause) {
      log.error('forwarder.round', { error: cause });
      later(1000);
    } finally {
      pumping = false;
      if (inFlight === 0) for (const done of idle) done();
    }
  }

  async function round(): Promise<void> {
    const { on, inFlight: most, batch } = allowed();
    if (!on || stopping) return;
    const steeple = await upstream();
    if (steeple === undefined) return;
    const time = now();
    if (time < pausedUntil) return later(pausedUntil - time);
    if (circuit.state === 'open' && !(await probe(steeple))) return;
    const jobs = inFlight < most ? await outbox.claim(time, most - inFlight, batch) : [];
    for (const job of jobs) {
      inFlight += 1;
      void run(job, steeple)
        .catch((cause: unknown) => log.error('forwarder.job', { error: cause, delivery: job.ids[0] }))
        .finally(() => {
          inFlight -= 1;
          settled();
          void pump();
        });
    }
    if (jobs.length === 0 && inFlight === 0) {
      const due = await outbox.nextDue(time);
      if (due !== undefined) later(due - time);
    }
  }

  /** Whether Steeple takes our token again. At most one a minute. */
  async function probe(steeple: Steeple): Promise<boolean> {
    const answer = await steeple.listUsers(1, 1);
    if (answer.kind === 'ok') {
      log.info('circuit.closed');
      circuit = { state: 'closed', reason: null, remedy: null };
      return true;
    }
    pausedUntil = now() + probeMs;
    later(probeMs);
    return false;
  }

  async function run(job: Job, steeple: Steeple): Promise<void> {
    const { answer, effects, doneIds } = await exchange(job, steeple);
    const { step, effects: more } = await follow(job, steeple, answer);
    const settlement = {
      job,
      at: now(),
      status: statusOf(answer),
      effects: [...effects, ...more],
      ...(doneIds && { doneIds }),
    };
    if (step.do === 'done' || step.do === 'look') {
      failures = 0;
      return settle({ ...settlement, state: step.do === 'done' ? 'done' : 'ready' });
    }
    if (step.do === 'dead') {
      log.warn('delivery.dead', { delivery: job.ids[0], kind: job.kind, status: statusOf(answer) });
      return settle({ ...settlement, state: 'dead', cause: step.cause, remedy: step.remedy });
    }
    if (step.do === 'stop') {
      log.error('circuit.open', { status: statusOf(answer) });
      circuit = { state: 'open', reason: step.cause, remedy: step.remedy };
      pausedUntil = now() + probeMs;
      return settle({ ...settlement, state: 'ready', dueAt: 0, unsure: job.unsure, cause: step.cause });
    }
    // Where nothing gets through, hammering with the next resource would not help: everybody waits a little.
    if (answer.kind === 'unreachable' || answer.kind === 'busy') {
      failures += 1;
      const pause = answer.kind === 'busy' ? step.afterMs : backoff(Math.min(failures, 6), random());
      pausedUntil = Math.max(pausedUntil, now() + pause);
    }
    return settle({
      ...settlement,
      state: 'ready',
      dueAt: now() + step.afterMs,
      unsure: step.unsure || job.unsure,
      cause: step.cause,
    });
  }

  /** Sends one job, or finds out first what became of the last try. */
  async function exchange(
    job: Job,
    steeple: Steeple,
  ): Promise<{ answer: Outcome; effects: Effect[]; doneIds?: number[] }> {
    if (job.kind === 'members') return members(job, steeple);
    if (job.kind.startsWith('group.')) return group(job, steeple);
    return user(job, steeple);
  }

  async function user(job: Job, steeple: Steeple): Promise<{ answer: Outcome; effects: Effect[] }> {
    const person = job.person as number;
    const account = job.body.account as Account | undefined;
    const effect = (steepleId: string, known: Account, active: boolean): Effect => ({
      kind: 'user',
      person,
      steepleId,
      account: known,
      active,
      origin: job.kind === 'user.create' ? 'created' : 'adopted',
    });
    if (job.unsure) {
      const sight = await lookForUser(job, steeple);
      if ('failed' in sight) return { answer: sight.failed, effects: [] };
      if (job.kind !== 'user.create' && sight.found === undefined)
        return { answer: fine, effects: [{ kind: 'user-gone', person }] };
      if (sight.found) {
        const { id, body } = sight.found;
        const applied = effect(id, accountOf(body), body.active !== false);
        // A create that arrived is done. Anything else is compared and planned again from what was seen.
        if (job.kind === 'user.create') return { answer: fine, effects: [applied] };
        if (isApplied(job, body)) return { answer: fine, effects: [applied] };
        job = { ...job, steepleId: id };
      }
    }
    const id = job.steepleId;
    switch (job.kind) {
      case 'user.create': {
        const answer = await steeple.createUser(resourceOf(account as Account));
        return {
          answer,
          effects:
            answer.kind === 'ok' ? [effect(answer.value.id, account as Account, answer.value.active !== false)] : [],
        };
      }
      case 'user.delete': {
        if (id === undefined) return { answer: fine, effects: [] };
        const answer = await steeple.deleteUser(id);
        const gone = answer.kind === 'ok' || answer.kind === 'missing';
        return { answer, effects: gone ? [{ kind: 'user-gone', person }] : [] };
      }
      default: {
        if (id === undefined) return { answer: fine, effects: [{ kind: 'user-gone', person }] };
        const patch =
          job.kind === 'user.deactivate'
            ? [{ op: 'replace', path: 'active', value: false } as const]
            : (job.body.patch as unknown as PatchOperation[]);
        const answer = await steeple.patchUser(id, patch);
        return { answer, effects: answer.kind === 'ok' ? [{ kind: 'patched', person, patch }] : [] };
      }
    }
  }

  async function group(job: Job, steeple: Steeple): Promise<{ answer: Outcome; effects: Effect[] }> {
    const target = job.target as string;
    const displayName = String(job.body.displayName ?? '');
    if (job.kind === 'group.delete') {
      if (job.steepleId === undefined) return { answer: fine, effects: [] };
      const answer = await steeple.deleteGroup(job.steepleId);
      const gone = answer.kind === 'ok' || answer.kind === 'missing';
      return { answer, effects: gone ? [{ kind: 'group-gone', target }] : [] };
    }
    const effect = (steepleId: string, name: string): Effect => ({ kind: 'group', target, steepleId, name });
    if (job.kind === 'group.create') {
      // Groups are few and a second one of a name would be linked by hand to nothing: it always looks first (D2).
      const sight = await lookForGroup(target, displayName, steeple);
      if ('failed' in sight) return { answer: sight.failed, effects: [] };
      if (sight.found)
        return { answer: fine, effects: [effect(sight.found.id, String(sight.found.body.displayName ?? ''))] };
      const answer = await steeple.createGroup({ displayName, externalId: target });
      return { answer, effects: answer.kind === 'ok' ? [effect(answer.value.id, displayName)] : [] };
    }
    if (job.steepleId === undefined) return { answer: fine, effects: [] };
    const answer = await steeple.patchGroup(job.steepleId, [
      { op: 'replace', path: 'displayName', value: displayName },
    ]);
    return { answer, effects: answer.kind === 'ok' ? [effect(job.steepleId, displayName)] : [] };
  }

  async function members(
    job: Job,
    steeple: Steeple,
  ): Promise<{ answer: Outcome; effects: Effect[]; doneIds?: number[] }> {
    const target = job.target as string;
    const id = job.steepleId as string;
    let owed = job.members;
    let seen: Effect[] = [];
    if (job.unsure) {
      const answer = await steeple.readGroup(id);
      if (answer.kind !== 'ok') return { answer, effects: [] };
      const has = new Set((answer.value.members ?? []).map(({ value }) => value));
      owed = job.members.filter(({ steepleId, add }) => has.has(steepleId) !== add);
      seen = [{ kind: 'all-members', target, steepleIds: [...has] }];
      if (owed.length === 0) return { answer: fine, effects: seen };
    }
    const added = owed.filter(({ add }) => add);
    const removed = owed.filter(({ add }) => !add);
    const patch: PatchOperation[] = removed.map(({ steepleId }) => ({
      op: 'remove',
      path: `members[value eq ${JSON.stringify(steepleId)}]`,
    }));
    if (added.length > 0)
      patch.unshift({ op: 'add', path: 'members', value: added.map(({ steepleId }) => ({ value: steepleId })) });
    const answer = await steeple.patchGroup(id, patch);
    const people = (list: typeof added) => list.map(({ person }) => person);
    const effects: Effect[] =
      answer.kind === 'ok' ? [...seen, { kind: 'members', target, add: people(added), remove: people(removed) }] : seen;
    const open = new Set(owed.map((one) => one.id));
    return { answer, effects, doneIds: job.members.map((one) => one.id).filter((one) => !open.has(one)) };
  }

  /** What follows from an answer, look-ups included. */
  async function follow(job: Job, steeple: Steeple, answer: Outcome): Promise<{ step: Step; effects: Effect[] }> {
    const step = stepAfter(job.kind, answer, job.attempt, random());
    if (step.do !== 'look') return { step, effects: [] };
    const after = (outcome: Outcome): Step => stepAfter(job.kind, outcome, job.attempt, random(), true);
    if (job.kind === 'members' || job.kind.startsWith('group.')) {
      const target = job.target as string;
      const sight = await lookForGroup(target, String(job.body.displayName ?? ''), steeple);
      if ('failed' in sight) return { step: after(sight.failed), effects: [] };
      if (sight.found === undefined) {
        if (answer.kind === 'conflict') return { step: after(answer), effects: [] };
        log.warn('drift.group-gone', { kind: job.kind });
        return { step: { do: 'done' }, effects: [{ kind: 'group-gone', target }] };
      }
      if (sight.found.id === job.steepleId) return { step: after(answer), effects: [] };
      const name = String(sight.found.body.displayName ?? '');
      return { step: { do: 'look' }, effects: [{ kind: 'group', target, steepleId: sight.found.id, name }] };
    }
    const sight = await lookForUser({ ...job, steepleId: undefined }, steeple);
    if ('failed' in sight) return { step: after(sight.failed), effects: [] };
    const person = job.person as number;
    if (sight.found === undefined) {
      if (answer.kind === 'conflict') return { step: after(answer), effects: [] };
      // Gone by both names: somebody removed it in Steeple. Planning decides whether it is to be made again.
      log.warn('drift.user-gone', { kind: job.kind });
      return { step: { do: 'done' }, effects: [{ kind: 'user-gone', person }] };
    }
    const { id, body } = sight.found;
    if (id === job.steepleId || (answer.kind === 'conflict' && job.kind !== 'user.create'))
      return { step: after(answer), effects: [] };
    const account = accountOf(body);
    const effect: Effect = {
      kind: 'user',
      person,
      steepleId: id,
      account,
      active: body.active !== false,
      origin: 'adopted',
    };
    // A create that met an account of the same person is done, and what differs is planned anew; else it goes out again.
    return { step: { do: job.kind === 'user.create' ? 'done' : 'look' }, effects: [effect] };
  }

  async function lookForUser(job: Job, steeple: Steeple): Promise<Sight> {
    if (job.steepleId !== undefined) {
      const answer = await steeple.readUser(job.steepleId);
      if (answer.kind === 'ok') return { found: { id: answer.value.id, body: answer.value as unknown as JsonObject } };
      if (answer.kind !== 'missing') return { failed: answer };
    }
    // By every name it may go by: as it should be, and as it was when the write was planned.
    const names = [job.body.account, job.body.was].flatMap((one) => (one ? [one as unknown as Account] : []));
    for (const { externalId } of names) {
      if (externalId === '') continue;
      const sight = sightOf(await steeple.findUsers('externalId', externalId));
      if ('failed' in sight) return sight;
      const mine = sight.all.filter(({ body }) => body.externalId === externalId);
      // Two sources may have given one externalId: then only the name tells them apart.
      const found = mine.find(({ body }) => names.some(({ userName }) => isNamed(body, userName)));
      if (found ?? mine.length === 1) return { found: found ?? mine[0] };
    }
    for (const { userName } of names) {
      const sight = sightOf(await steeple.findUsers('userName', userName));
      if ('failed' in sight) return sight;
      const found = sight.all.find(({ body }) => isNamed(body, userName));
      if (found) return { found };
    }
    return { found: undefined };
  }

  async function lookForGroup(target: string, name: string, steeple: Steeple): Promise<Sight> {
    const byId = sightOf(await steeple.findGroups('externalId', target));
    if ('failed' in byId) return byId;
    const mine = byId.all.find(({ body }) => body.externalId === target);
    if (mine || name === '') return { found: mine };
    const byName = sightOf(await steeple.findGroups('displayName', name));
    return 'failed' in byName ? byName : { found: byName.all.find(({ body }) => body.displayName === name) };
  }

  return {
    /** Something may be owed: look for it soon. */
    wake: (): void => void pump(),
    circuit: (): Circuit => circuit,
    /** The upstream or its token changed: what stopped us may be over. */
    reset(): void {
      circuit = { state: 'closed', reason: null, remedy: null };
      pausedUntil = 0;
      failures = 0;
      void pump();
    },
    /** Claims nothing more, and waits for what is on its way. */
    async stop(): Promise<void> {
      stopping = true;
      clearTimeout(timer);
      if (inFlight > 0 || pumping) await new Promise<void>((resolve) => idle.add(resolve));
      await flushing;
    },
  };
}

const isNamed = (body: JsonObject, userName: string): boolean => fold(String(body.userName ?? '')) === fold(userName);
const fine: Outcome = { kind: 'ok', status: 200 };
const statusOf = (answer: Outcome): number | undefined => ('status' in answer ? answer.status : undefined);

function sightOf(answer: Answer<Readonly<{ items: readonly unknown[] }>>): { all: Found[] } | { failed: Outcome } {
  if (answer.kind === 'missing') return { all: [] }; // some servers answer 404 to a filter that matches nothing
  if (answer.kind !== 'ok') return { failed: answer };
  return { all: answer.value.items.map((item) => ({ id: (item as { id: string }).id, body: item as JsonObject })) };
}

/** Whether a write whose answer was lost turns out to have been applied. */
function isApplied({ kind, body: { patch } }: Job, seen: JsonObject): boolean {
  if (kind === 'user.deactivate') return seen.active === false;
  if (kind !== 'user.update') return false;
  const account = accountOf(seen);
  return (patch as unknown as PatchOperation[]).every(({ path, value }) => {
    if (path === 'active') return (seen.active !== false) === value;
    if (path === 'emails') return account.email === ((value as { value: string }[])[0]?.value ?? '');
    if (path === 'name.givenName') return account.givenName === value;
    if (path === 'name.familyName') return account.familyName === value;
    return account[path as 'userName' | 'externalId' | 'displayName'] === value;
  });
}
