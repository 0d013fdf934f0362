/**
 * A plan's operations in the order they are sent, written down short, and in words when they are read.
 *
 * Pure. Memberships of one group leave together, at most so many in one PATCH as the policy says. A line is a JSON array of
 * the kind, whom or what it is about, and what the words need besides.
 */
import type { PlanOperation } from '../contract/plan.ts';
import type { Said } from '../contract/said.ts';
import type { Operation } from './plan.ts';
import { growing } from './planline.ts';
import { said, wordsOf } from './saying.ts';
import type { Census, Surveyed } from './survey.ts';

type Line = [Kind, string, (string | number | number[])?, number?, number[]?, number[]?];
type Kind = Exclude<Operation['kind'], 'member.add' | 'member.remove'> | 'park' | 'members';
/** `last`: the place of who came last, from which each leads to the one before. */
type Gathered = { target: number; count: number; last: number };
/** One PATCH of a group. Whom it is about, by the lines they have in the plan, ascending. */
type Batch = Readonly<{ target: number; added: readonly number[]; removed: readonly number[] }>;

/** Gathers memberships into batches as they come; `all` gives them in the order they were begun. */
export function batching(size: number, room: number) {
  const batches: Gathered[] = [];
  const open: (Gathered | undefined)[] = [];
  const who = growing(room);
  const before = growing(room); // a place, and 1 more; 0 ends it
  return {
    add(at: number, isAdded: boolean, target: number): void {
      let batch = open[target];
      if (batch === undefined || batch.count >= size) {
        batch = { target, count: 0, last: 0 };
        open[target] = batch;
        batches.push(batch);
      }
      who.push(at * 2 + (isAdded ? 1 : 0));
      before.push(batch.last);
      batch.last = who.size();
      batch.count += 1;
    },
    /** @param lineOf the line in the plan, by a person's position */
    *all(lineOf: Int32Array): Generator<Batch> {
      for (const { target, last } of batches) {
        const [added, removed]: [number[], number[]] = [[], []];
        for (let place = last; place > 0; place = before.get(place - 1)) {
          const value = who.get(place - 1);
          (value % 2 === 1 ? added : removed).push(lineOf[value >>> 1] as number);
        }
        yield { target, added: added.sort(ascending), removed: removed.sort(ascending) };
      }
    },
  };
}
const ascending = (a: number, b: number): number => a - b;
/** Lines as steps from one to the next, which are short; and back. */
const stepsOf = (lines: readonly number[]): number[] => lines.map((line, at) => line - (lines[at - 1] ?? 0));
function linesOf(steps: readonly number[]): number[] {
  let line = 0;
  return steps.map((step) => {
    line += step;
    return line;
  });
}

/** Each operation as a line: names first, then groups, who is in them, groups that go, and people who go. */
export function* operationLines(surveyed: Surveyed, census: Census, batches: Iterable<Batch>) {
  const names = new Map(surveyed.changes.map(({ case: one }) => [one.num, one.account.userName]));
  const groupName = (key: string) => census.targets.get(key)?.name ?? key;
  const line = (kind: Kind, about: string, ...more: Line[2][]) => JSON.stringify([kind, about, ...more]);
  const lineOf = ({ kind, person, target, body }: Operation): string => {
    const about = person === undefined ? groupName(target ?? '') : (names.get(person) ?? '');
    if (kind !== 'user.update') return line(kind as Kind, about);
    if (body.park !== undefined) return line('park', about);
    return line(kind, about, (body.patch as { path: string }[]).map(({ path }) => path).join(', '));
  };
  for (const one of surveyed.names) yield lineOf(one);
  for (const { at, kind, paths } of surveyed.plainNames) {
    const { userName } = census.head(at).account;
    yield kind === 'user.create' ? line(kind, userName) : line(kind, userName, paths);
  }
  for (const one of surveyed.groups) yield lineOf(one);
  for (const { target, added, removed } of batches)
    yield line(
      'members',
      groupName(census.lexicon.targets[target] ?? ''),
      added.length,
      removed.length,
      stepsOf(added),
      stepsOf(removed),
    );
  for (const one of surveyed.deletes) yield lineOf(one);
  for (const one of surveyed.removals) yield lineOf(one);
}

/** A line as a person reads it. `order` counts from 1. */
export function operationOf(text: string, order: number): PlanOperation {
  const [kind, about, first, second] = JSON.parse(text) as Line;
  const line = (method: PlanOperation['method'], resource: string, words: Said, more = {}): PlanOperation => ({
    order,
    method,
    resource: `${resource}/${about}`,
    summary: wordsOf(words),
    said: words,
    ...more,
  });
  const [userName, group] = [about, about];
  switch (kind) {
    case 'user.create':
      return line('POST', 'Users', said('operation.create-user', { userName }));
    case 'user.update':
      return line('PATCH', 'Users', said('operation.change-user', { attributes: String(first), userName }));
    case 'park':
      return line('PATCH', 'Users', said('operation.park-user', { userName }));
    case 'user.deactivate':
      return line('PATCH', 'Users', said('operation.deactivate-user', { userName }));
    case 'user.delete':
      return line('DELETE', 'Users', said('operation.delete-user', { userName }));
    case 'group.create':
      return line('POST', 'Groups', said('operation.create-group', { group }));
    case 'group.update':
      return line('PATCH', 'Groups', said('operation.rename-group', { group }));
    case 'group.delete':
      return line('DELETE', 'Groups', said('operation.delete-group', { group }));
    case 'members': {
      const [added, removed] = [Number(first), Number(second)];
      const members = { members: { enter: added, leave: removed } };
      if (removed === 0) return line('PATCH', 'Groups', said('operation.add', { added, group }), members);
      if (added === 0) return line('PATCH', 'Groups', said('operation.remove', { removed, group }), members);
      return line('PATCH', 'Groups', said('operation.add-remove', { added, removed, group }), members);
    }
  }
}

/**
 * Whom an operation puts into its group and takes out of it, by their lines in the plan, ascending. Nobody where it is not
 * about members; undefined where its plan is of a version that wrote down only how many there are.
 */
export function membersOf(text: string): Readonly<{ enter: number[]; leave: number[] }> | undefined {
  const [kind, , , , added, removed] = JSON.parse(text) as Line;
  if (kind !== 'members') return { enter: [], leave: [] };
  return added && removed && { enter: linesOf(added), leave: linesOf(removed) };
}
