/**
 * A plan's operations in the order they are sent, written down short, and in words when they are read.
 *
 * Pure. Memberships of one group leave together, at most so many in one PATCH as the policy says. A line is a JSON array of
 * the kind, whom or what it is about, and what the words need besides.
 */
import type { PlanOperation } from '../contract/plan.ts';
import type { Said } from '../contract/said.ts';
import type { Operation } from './plan.ts';
import { said, wordsOf } from './saying.ts';
import type { Census, Surveyed } from './survey.ts';

type Kind = Exclude<Operation['kind'], 'member.add' | 'member.remove'> | 'park' | 'members';
type Batch = { target: number; added: number; removed: number };

/** Gathers memberships into batches as they come; `all` gives them in the order they were begun. */
export function batching(size: number) {
  const batches: Batch[] = [];
  const open: (Batch | undefined)[] = [];
  return {
    add(isAdded: boolean, target: number): void {
      let batch = open[target];
      if (batch === undefined || batch.added + batch.removed >= size) {
        batch = { target, added: 0, removed: 0 };
        open[target] = batch;
        batches.push(batch);
      }
      if (isAdded) batch.added += 1;
      else batch.removed += 1;
    },
    all: (): readonly Readonly<Batch>[] => batches,
  };
}

/** Each operation as a line: names first, then groups, who is in them, groups that go, and people who go. */
export function* operationLines(surveyed: Surveyed, census: Census, batches: readonly Readonly<Batch>[]) {
  const names = new Map(surveyed.changes.map(({ case: one }) => [one.num, one.account.userName]));
  const groupName = (key: string) => census.targets.get(key)?.name ?? key;
  const line = (kind: Kind, about: string, ...more: (string | number)[]) => JSON.stringify([kind, about, ...more]);
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
    yield line('members', groupName(census.lexicon.targets[target] ?? ''), added, removed);
  for (const one of surveyed.deletes) yield lineOf(one);
  for (const one of surveyed.removals) yield lineOf(one);
}

/** A line as a person reads it. `order` counts from 1. */
export function operationOf(text: string, order: number): PlanOperation {
  const [kind, about, first, second] = JSON.parse(text) as [Kind, string, (string | number)?, number?];
  const line = (method: PlanOperation['method'], resource: string, words: Said): PlanOperation => ({
    order,
    method,
    resource: `${resource}/${about}`,
    summary: wordsOf(words),
    said: words,
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
      if (removed === 0) return line('PATCH', 'Groups', said('operation.add', { added, group }));
      if (added === 0) return line('PATCH', 'Groups', said('operation.remove', { removed, group }));
      return line('PATCH', 'Groups', said('operation.add-remove', { added, removed, group }));
    }
  }
}
