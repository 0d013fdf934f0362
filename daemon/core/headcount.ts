/**
 * Counts a plan while it is made: the summary, and for each community its heads before and after, and who moves.
 *
 * Pure. Counted from the very changes that are shown (P6). By numbers of the survey's lexicon; -1 stands for no role.
 */
import type { CommunityChange, Movement, Plan, PlanSummary } from '../contract/plan.ts';
import type { ChangeKind } from './plan.ts';
import type { Census } from './survey.ts';

export const movements: readonly Movement[] = ['enters', 'leaves', 'rises', 'falls'];
/** The place in `movements` of a change from one role to another. */
export function movementOf(from: number, to: number, ranks: readonly number[]): number {
  if (from < 0) return 0;
  if (to < 0) return 1;
  return (ranks[to] as number) < (ranks[from] as number) ? 3 : 2;
}

export function headcount({ communities, roles }: Census['lexicon']) {
  const width = roles.length;
  const before = new Int32Array(communities.length * width);
  const after = new Int32Array(communities.length * width);
  const moved = new Int32Array(communities.length * movements.length);
  const held = new Int32Array(communities.length);
  const kinds = new Map<ChangeKind, number>();
  const sum = { grants: 0, revokes: 0, roleChanges: 0, downgrades: 0, held: 0 };
  const invitations = { atMost: 0, withoutEmail: 0, known: false as const };
  const bump = (row: Int32Array, at: number) => {
    row[at] = (row[at] as number) + 1;
  };

  return {
    /** What somebody has, and is to have. */
    roll(now: Int32Array, nowCount: number, next: Int32Array, nextCount: number): void {
      for (let at = 0; at < nowCount; at += 1) bump(before, now[at] as number);
      for (let at = 0; at < nextCount; at += 1) bump(after, next[at] as number);
    },
    move(community: number, from: number, to: number, movement: number, isHeld: boolean): void {
      bump(moved, community * movements.length + movement);
      if (isHeld) bump(held, community);
      if (from < 0) sum.grants += 1;
      else if (to < 0) sum.revokes += 1;
      else sum.roleChanges += 1;
      if (movement === 3) sum.downgrades += 1;
    },
    change(kind: ChangeKind, isHeld: boolean, hasEmail: boolean): void {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (isHeld) sum.held += 1;
      if (kind !== 'create') return;
      if (hasEmail) invitations.atMost += 1;
      else invitations.withoutEmail += 1;
    },
    summary(): PlanSummary {
      const of = (kind: ChangeKind) => kinds.get(kind) ?? 0;
      const { grants, revokes, roleChanges, held: waiting, downgrades } = sum;
      return {
        create: of('create'),
        adopt: of('adopt'),
        update: of('update'),
        remove: of('remove'),
        reactivate: of('reactivate'),
        grants,
        revokes,
        roleChanges,
        held: waiting,
        downgrades,
      };
    },
    invitations: (): NonNullable<Plan['invitations']> => ({ ...invitations }),
    /** By id. `strangers`: how many active accounts nobody names are in each. */
    communities(name: (id: string) => string, strangers: ReadonlyMap<string, number>): CommunityChange[] {
      return communities.map((community, at) => {
        const of = (movement: number) => moved[at * movements.length + movement] as number;
        const heads = (row: Int32Array) =>
          row.subarray(at * width, (at + 1) * width).reduce((all, one) => all + one, 0);
        return {
          community,
          name: name(community),
          before: heads(before),
          after: heads(after),
          enters: of(0),
          leaves: of(1),
          rises: of(2),
          falls: of(3),
          held: held[at] as number,
          strangers: strangers.get(community) ?? 0,
          roles: roles.map((role, ix) => ({
            role,
            before: before[at * width + ix] as number,
            after: after[at * width + ix] as number,
          })),
        };
      });
    },
  };
}
