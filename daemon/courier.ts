/**
 * The courier: carries one delivery to Steeple, and comes back with what Steeple is now known to hold.
 *
 * After a lost answer it looks before it writes again (D2). A 404 on a known id is looked up by every name the resource
 * may go by (D6). A batch that Steeple refuses is halved until it is known whom it refuses, so that one bad membership
 * does not hold up a hundred (D5). An account that is another person's on record is never taken for this one's.
 *
 * When it goes, and what follows for the outbox: forwarder.ts. What an answer means: core/delivery.ts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject, PatchOperation } from './contract/scim.ts';
import { type Account, accountOf, resourceOf } from './core/account.ts';
import type { Outcome } from './core/delivery.ts';
import { fold } from './core/directory.ts';
import type { Answer, Steeple } from './steeple.ts';
import type { Job, JobMember } from './store/claims.ts';
import type { Effect } from './store/observed.ts';
import { partTwins } from './twins.ts';

type Found = Readonly<{ id: string; body: JsonObject }>;
/** What a look-up came to: the resource, nothing, or no answer worth trusting. */
type Sight = Readonly<{ found: Found | undefined }> | Readonly<{ failed: Outcome }>;
/** `answer` is for the rows of the job that are in neither `done` nor `dead`. */
export type Report = Readonly<{
  answer: Outcome;
  effects: readonly Effect[];
  done?: readonly number[];
  dead?: readonly Readonly<{ id: number; answer: Outcome }>[];
  /** The last try did not arrive, and nothing was written in its place: it is to be planned again first. */
  undone?: true;
}>;
/** What a look-up after an unexpected 404 or 409 means: `gone`, `elsewhere` (send it there), `met` (a create is done), or the same as before. */
export type Finding =
  | Readonly<{ is: 'gone' | 'elsewhere' | 'met'; effects: readonly Effect[] }>
  | Readonly<{ is: 'same' }>
  | Readonly<{ is: 'unknown'; answer: Outcome }>;
export type Courier = ReturnType<typeof courier>;

const fine: Outcome = { kind: 'ok', status: 200 };

/** `ownerOf` gives whose account it is on record, by Steeple's id. */
export function courier(
  steeple: Steeple,
  ownerOf: (steepleId: string) => Promise<number | undefined>,
  secondLookMs = 2000,
) {
  async function user(job: Job): Promise<Report> {
    const person = job.person as number;
    const account = job.body.account as Account | undefined;
    const is = (steepleId: string, known: Account, active: boolean, origin: 'created' | 'adopted'): Effect => {
      return { kind: 'user', person, steepleId, account: known, active, origin };
    };
    let id = job.steepleId;
    const seen: Effect[] = [];
    if (job.unsure) {
      let sight = await lookForUser(job, id);
      // Nothing would ever be sent again of somebody who is not to be created any more: one "not there" is too few.
      if (job.kind === 'user.create' && job.stale && !('failed' in sight) && !sight.found) {
        await pause(secondLookMs);
        sight = await lookForUser(job, id);
      }
      if ('failed' in sight) return { answer: sight.failed, effects: [] };
      if (sight.found === undefined && job.kind !== 'user.create')
        return { answer: fine, effects: [{ kind: 'user-gone', person }] };
      if (sight.found) {
        const { body } = sight.found;
        id = sight.found.id;
        seen.push(is(id, accountOf(body), body.active !== false, 'created'));
        if (job.kind === 'user.create' || isApplied(job, body)) return { answer: fine, effects: seen };
      }
      if (job.stale) return { answer: fine, effects: seen, undone: true };
    }
    if (job.kind === 'user.create') {
      const answer = await steeple.createUser(resourceOf(account as Account));
      // It took the request, and does not say what it made: who is there now, under that name, is who it made.
      if (answer.kind === 'odd' && answer.status < 300) {
        const sight = await lookForUser(job, undefined);
        if ('failed' in sight || sight.found === undefined) return { answer, effects: [] };
        const { id, body } = sight.found;
        return { answer: fine, effects: [is(id, accountOf(body), body.active !== false, 'created')] };
      }
      if (answer.kind !== 'ok') return { answer, effects: [] };
      return { answer, effects: [is(answer.value.id, account as Account, answer.value.active !== false, 'created')] };
    }
    if (id === undefined) return { answer: fine, effects: [{ kind: 'user-gone', person }] };
    if (job.kind === 'user.delete') {
      const answer = await doubted(await steeple.deleteUser(id));
      const gone = answer.kind === 'ok' || answer.kind === 'missing';
      return { answer, effects: gone ? [{ kind: 'user-gone', person }] : [] };
    }
    const patch =
      job.kind === 'user.deactivate'
        ? [{ op: 'replace', path: 'active', value: false } as const]
        : (job.body.patch as unknown as PatchOperation[]);
    const answer = await steeple.patchUser(id, patch);
    // What was seen comes first: it may have been found under another id than the one on record.
    return { answer, effects: answer.kind === 'ok' ? [...seen, { kind: 'patched', person, patch }] : [] };
  }

  async function group(job: Job): Promise<Report> {
    const target = job.target as string;
    const displayName = String(job.body.displayName ?? '');
    const is = (steepleId: string, name: string): Effect => ({ kind: 'group', target, steepleId, name });
    if (job.kind === 'group.create') {
      // Groups are few, and a second one of a name would be linked by hand to nothing: it always looks first (D2).
      const own = await partTwins(steeple, target);
      if ('failed' in own) return { answer: own.failed, effects: [] };
      if (own.kept) return { answer: fine, effects: [is(own.kept.id, own.kept.displayName)] };
      const sight = await lookForGroupCalled(displayName);
      if ('failed' in sight) return { answer: sight.failed, effects: [] };
      if (sight.found)
        return { answer: fine, effects: [is(sight.found.id, String(sight.found.body.displayName ?? ''))] };
      const answer = await steeple.createGroup({ displayName, externalId: target });
      if (answer.kind !== 'ok') return { answer, effects: [] };
      const parted = await partTwins(steeple, target, { ...answer.value, displayName });
      if ('failed' in parted) return { answer: parted.failed, effects: [] };
      const { id, displayName: name } = parted.kept ?? { id: answer.value.id, displayName };
      return { answer, effects: [is(id, name)] };
    }
    const id = job.steepleId;
    if (id === undefined) return { answer: fine, effects: [] };
    if (job.kind === 'group.delete') {
      const answer = await doubted(await steeple.deleteGroup(id));
      const gone = answer.kind === 'ok' || answer.kind === 'missing';
      return { answer, effects: gone ? [{ kind: 'group-gone', target }] : [] };
    }
    const answer = await steeple.patchGroup(id, [{ op: 'replace', path: 'displayName', value: displayName }]);
    return { answer, effects: answer.kind === 'ok' ? [is(id, displayName)] : [] };
  }

  async function members(job: Job): Promise<Report> {
    const id = job.steepleId as string;
    if (!job.unsure) return sendMembers(id, job, job.members);
    const answer = await steeple.readGroup(id);
    if (answer.kind !== 'ok') return { answer, effects: [] };
    const has = new Set((answer.value.members ?? []).map(({ value }) => value));
    const isOwed = ({ steepleId, add }: JobMember) => has.has(steepleId) !== add;
    const seen: Effect = { kind: 'all-members', target: job.target as string, steepleIds: [...has] };
    const inPlace = job.members.filter((one) => !isOwed(one)).map((one) => one.id);
    const owed = job.members.filter(isOwed);
    if (owed.length === 0) return { answer: fine, effects: [seen] };
    if (job.stale) return { answer: fine, effects: [seen], done: inPlace, undone: true };
    const sent = await sendMembers(id, job, owed);
    return { ...sent, effects: [seen, ...sent.effects], done: [...inPlace, ...(sent.done ?? [])] };
  }

  async function sendMembers(id: string, job: Job, owed: readonly JobMember[]): Promise<Report> {
    const target = job.target as string;
    const added = owed.filter(({ add }) => add);
    const removed = owed.filter(({ add }) => !add);
    const patch: PatchOperation[] = removed.map(({ steepleId }) => ({
      op: 'remove',
      path: `members[value eq ${JSON.stringify(steepleId)}]`,
    }));
    if (added.length > 0)
      patch.unshift({ op: 'add', path: 'members', value: added.map(({ steepleId }) => ({ value: steepleId })) });
    const answer = await steeple.patchGroup(id, patch);
    const people = (list: readonly JobMember[]) => list.map(({ person }) => person);
    if (answer.kind === 'ok')
      return {
        answer,
        effects: [{ kind: 'members', target, add: people(added), remove: people(removed) }],
        done: owed.map((one) => one.id),
      };
    if (!(await isAboutMembers(id, answer))) return { answer, effects: [] };
    const [first] = owed;
    if (first === undefined || owed.length > 1) return inHalves(id, job, owed);
    // Alone, and refused: perhaps Steeple has no such account any more, or has it where it should be already.
    const account = await steeple.readUser(first.steepleId);
    if (account.kind === 'missing')
      return { answer: fine, effects: [{ kind: 'user-gone', person: first.person }], done: [first.id] };
    const group = await steeple.readGroup(id);
    if (group.kind === 'ok' && group.value.members?.some(({ value }) => value === first.steepleId) === first.add)
      return {
        answer: fine,
        effects: [{ kind: 'members', target, add: people(added), remove: people(removed) }],
        done: [first.id],
      };
    return { answer: fine, effects: [], dead: [{ id: first.id, answer }] };
  }

  /** Servers say in three ways that it is a member they will not have. A 404 may be about the group as well: ask. */
  async function isAboutMembers(group: string, { kind }: Outcome): Promise<boolean> {
    if (kind === 'missing') return (await steeple.readGroup(group)).kind === 'ok';
    return kind === 'refused' || kind === 'conflict';
  }

  async function inHalves(id: string, job: Job, owed: readonly JobMember[]): Promise<Report> {
    const middle = Math.ceil(owed.length / 2);
    const one = await sendMembers(id, job, owed.slice(0, middle));
    const other = await sendMembers(id, job, owed.slice(middle));
    return {
      // What is neither done nor dead stays owed for the reason of the half it was in; one reason is enough to come back.
      answer: one.answer.kind === 'ok' ? other.answer : one.answer,
      effects: [...one.effects, ...other.effects],
      done: [...(one.done ?? []), ...(other.done ?? [])],
      dead: [...(one.dead ?? []), ...(other.dead ?? [])],
    };
  }

  async function lookForUser({ body: { account, was }, person }: Job, steepleId: string | undefined): Promise<Sight> {
    if (steepleId !== undefined) {
      const answer = await steeple.readUser(steepleId);
      if (answer.kind === 'ok') return { found: { id: answer.value.id, body: answer.value as unknown as JsonObject } };
      if (answer.kind !== 'missing') return { failed: answer };
    }
    // By every name it may go by: as it should be, and as it was when the write was planned.
    const names = [account, was].flatMap((one) => (one ? [one as unknown as Account] : []));
    const userNames = new Set(names.map(({ userName }) => fold(userName)));
    for (const externalId of new Set(names.map((one) => one.externalId).filter((one) => one !== ''))) {
      const sight = await mine(await steeple.findUsers('externalId', externalId), person);
      if ('failed' in sight) return sight;
      // Two sources may have given one externalId: then only the name tells them apart.
      const found =
        sight.all.find(({ body }) => userNames.has(nameOf(body))) ??
        (sight.all.length === 1 ? sight.all[0] : undefined);
      if (found) return { found };
    }
    for (const userName of new Set(names.map((one) => one.userName))) {
      const sight = await mine(await steeple.findUsers('userName', userName), person);
      if ('failed' in sight) return sight;
      const found = sight.all.find(({ body }) => nameOf(body) === fold(userName));
      if (found) return { found };
    }
    return { found: undefined };
  }

  /**
   * A 404, where it would be believed: to a search, and to a DELETE. What stands in front of a Steeple that is being repaired
   * answers 404 to everything, and then nobody is gone (D6); so it must answer some question of SCIM otherwise.
   */
  async function doubted<T>(answer: Answer<T>): Promise<Answer<T>> {
    if (answer.kind !== 'missing') return answer;
    for (const ask of [() => steeple.listUsers(1, 1), steeple.serviceProviderConfig]) {
      const other = await ask();
      if (other.kind === 'ok') return answer;
      if (other.kind !== 'missing') return other;
    }
    return { kind: 'odd', status: 404, detail: 'Steeple answers 404 to everything, so it says nothing about anybody' };
  }

  /** What a search found; that it found nothing is believed only of who answers otherwise. */
  const seen = async (answer: Parameters<typeof sightOf>[0]) => sightOf(await doubted(answer));

  /** Leaves out what is somebody else's on record. */
  async function mine(answer: Parameters<typeof sightOf>[0], person: number | undefined) {
    const sight = await seen(answer);
    if ('failed' in sight) return sight;
    const owners = await Promise.all(sight.all.map(({ id }) => ownerOf(id)));
    return { all: sight.all.filter((_, at) => owners[at] === undefined || owners[at] === person) };
  }

  async function lookForGroup(target: string, name: string): Promise<Sight> {
    const byId = await seen(await steeple.findGroups('externalId', target));
    if ('failed' in byId) return byId;
    const own = byId.all.find(({ body }) => body.externalId === target);
    return own || name === '' ? { found: own } : lookForGroupCalled(name);
  }

  async function lookForGroupCalled(name: string): Promise<Sight> {
    const byName = await seen(await steeple.findGroups('displayName', name));
    return 'failed' in byName ? byName : { found: byName.all.find(({ body }) => body.displayName === name) };
  }

  return {
    /** Sends one job, or finds out first what became of the last try. */
    carry(job: Job): Promise<Report> {
      if (job.kind === 'members') return members(job);
      return job.kind.startsWith('group.') ? group(job) : user(job);
    },

    /** Finds out what a 404 or a 409 to this job means. */
    async find(job: Job): Promise<Finding> {
      if (job.kind === 'members' || job.kind.startsWith('group.')) {
        const target = job.target as string;
        const sight = await lookForGroup(target, String(job.body.displayName ?? ''));
        if ('failed' in sight) return { is: 'unknown', answer: sight.failed };
        if (sight.found === undefined) return { is: 'gone', effects: [{ kind: 'group-gone', target }] };
        const { id, body } = sight.found;
        if (id === job.steepleId) return { is: 'same' };
        const name = String(body.displayName ?? '');
        return { is: 'elsewhere', effects: [{ kind: 'group', target, steepleId: id, name }] };
      }
      const person = job.person as number;
      const sight = await lookForUser(job, undefined);
      if ('failed' in sight) return { is: 'unknown', answer: sight.failed };
      if (sight.found === undefined) return { is: 'gone', effects: [{ kind: 'user-gone', person }] };
      const { id: steepleId, body } = sight.found;
      if (steepleId === job.steepleId) return { is: 'same' };
      const account = accountOf(body);
      const active = body.active !== false;
      return {
        is: job.kind === 'user.create' ? 'met' : 'elsewhere',
        effects: [{ kind: 'user', person, steepleId, account, active, origin: 'adopted' }],
      };
    },
  };
}

const nameOf = (body: JsonObject): string => fold(String(body.userName ?? ''));

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
