/**
 * The operations that carry out what is decided about a person or a group: what to write, to which resource, and what it
 * takes away.
 *
 * Pure. Whether something may leave is not asked here: core/plan.ts has asked the gate, and passes what is held. Which of
 * the writes goes first where names change hands: core/names.ts.
 */

import type { Policy } from '../contract/policy.ts';
import type { Json, JsonObject, PatchOperation } from '../contract/scim.ts';
import { type Account, patchOf } from './account.ts';
import { fold } from './directory.ts';
import type { RiskKind } from './gate.ts';
import { groupsLeft } from './leaving.ts';
import { lowers } from './mapping.ts';
import type { AccessDelta, Case, ChangeKind, Operation, World } from './plan.ts';

/** A write to somebody's account. */
export type PersonWrite = Operation & Readonly<{ person: number }>;

const plain = (account: Account): JsonObject => ({ ...account });
const patchBody = (operations: readonly PatchOperation[]): Json =>
  operations.map(({ op, path, value }) => ({ op, path, ...(value !== undefined && { value }) }));
const laneOf = (person: number): string => `user:${person}`;

/**
 * What is written to the account itself, its removal aside: attributes flow also while a removal is held (G7). With
 * `keepName` all but the userName, which is in use.
 */
export function accountWrite(
  { num, account, observed }: Case,
  kind: ChangeKind,
  { keepName = false } = {},
): PersonWrite | undefined {
  const base = { lane: laneOf(num), person: num };
  if (observed === undefined)
    return { kind: 'user.create', ...base, body: { account: plain(account) }, takes: fold(account.userName) };
  const want = keepName ? { ...account, userName: observed.account.userName } : account;
  const patch = patchOf(want, observed.account);
  if (kind === 'reactivate') patch.push({ op: 'replace', path: 'active', value: true });
  if (patch.length === 0) return undefined;
  const from = fold(observed.account.userName);
  const to = fold(want.userName);
  return {
    kind: 'user.update',
    ...base,
    body: { account: plain(want), was: plain(observed.account), patch: patchBody(patch) },
    ...(from !== to && { frees: from, takes: to }),
  };
}

/** `groups`: the mapped groups it empties by one, for the limits. */
export function removalOf({ num, observed }: Case, policy: Policy, groups: readonly string[]): PersonWrite {
  const base = { lane: laneOf(num), person: num, risk: 'remove' as const };
  const body = { ...(observed && { was: plain(observed.account) }), groups: [...groups] };
  if (policy.removal === 'deactivate') return { kind: 'user.deactivate', ...base, body };
  return { kind: 'user.delete', ...base, body, frees: fold(observed?.account.userName ?? '') };
}

/**
 * Splits a change of name in two: off to a name nobody has, and on from there to the one that is wanted. The parking name
 * keeps the shape of the old one (often an e-mail address), and cannot belong to anybody else.
 */
export function aside(write: PersonWrite): { off: PersonWrite; on: PersonWrite } {
  const name = `parked-${write.person}.${write.frees ?? ''}`;
  const was = (write.body.was ?? {}) as JsonObject;
  const off: PersonWrite = {
    ...write,
    body: { was, park: name, patch: patchBody([{ op: 'replace', path: 'userName', value: name }]) },
    takes: fold(name),
  };
  return { off, on: { ...write, body: { ...write.body, was: { ...was, userName: name } }, frees: fold(name) } };
}

/**
 * Memberships that should change. Where something is held in a community, what the person has there stays exactly as it
 * is; in managed mode nothing is added there either, since the role they keep already stands for the community.
 */
export function membershipWrites(
  one: Case,
  kind: ChangeKind,
  heldIn: ReadonlySet<string>,
  deltas: readonly AccessDelta[],
  world: World,
): Operation[] {
  if (!one.wanted && !one.observed?.linked) return [];
  if (kind === 'remove' && world.policy.removal === 'delete') return []; // Steeple drops the memberships with the account
  const grants = (key: string) => world.targets.get(key)?.grants ?? [];
  const isHeld = (key: string) => grants(key).some(({ community }) => heldIn.has(community));
  const isGoing = (key: string) => world.targets.get(key)?.standing === 'gone'; // and takes its memberships along
  const wanted = new Set(one.wanted ? one.targets : []);
  const has = new Set(one.holds);
  const add = [...wanted].filter((key) => !has.has(key) && !(world.mapping.mode === 'managed' && isHeld(key)));
  const remove = [...has].filter((key) => !wanted.has(key) && !isHeld(key) && !isGoing(key));
  const write = (kind: 'member.add' | 'member.remove', key: string): Operation => {
    const [only, second] = grants(key);
    const base = { kind, lane: `group:${key}`, person: one.num, target: key, body: {} };
    return only !== undefined && second === undefined ? { ...base, community: only.community } : base;
  };
  // What leaves with a removal is counted once, as the removal; what several memberships gave, once as well (G6).
  const uncounted = new Map(
    deltas.flatMap(({ community, from, to }): [string, Loss][] =>
      kind !== 'remove' && from !== null && lowers(world.mapping, from, to)
        ? [[community, { community, risk: to === null ? 'revoke' : 'downgrade', role: from }]]
        : [],
    ),
  );
  return [
    ...add.sort().map((key) => write('member.add', key)),
    ...remove.sort().map((key): Operation => {
      const loss = grants(key)
        .map(({ community, role }) => ({ found: uncounted.get(community), role }))
        .find(({ found, role }) => found?.role === role)?.found;
      if (loss === undefined) return write('member.remove', key);
      uncounted.delete(loss.community);
      const left =
        world.mapping.mode === 'mirror' && groupsLeft(one, world)({ community: loss.community, role: loss.role });
      return { ...write('member.remove', key), ...(left && { body: { groups: left } }), ...loss };
    }),
  ];
}
type Loss = Readonly<{ community: string; risk: RiskKind; role: string }>;

/** Groups Steeple lacks, or has under another name. Groups are created empty, and filled once their people are there. */
export function groupWrites(world: World): Operation[] {
  return groupsInOrder(world).flatMap(({ key, name, standing }): Operation[] => {
    const group = world.groups.get(key);
    const base = { lane: `group:${key}`, target: key, body: { displayName: name } };
    if (standing !== 'wanted' || group?.name === name) return [];
    return [{ kind: group === undefined ? 'group.create' : 'group.update', ...base }];
  });
}

export const groupDeletes = (world: World): Operation[] =>
  groupsInOrder(world)
    .filter(({ key, standing }) => standing === 'gone' && world.groups.has(key))
    .map(({ key }) => ({ kind: 'group.delete', lane: `group:${key}`, target: key, body: {} }));

const groupsInOrder = (world: World) => [...world.targets.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
