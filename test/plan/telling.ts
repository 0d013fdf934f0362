/**
 * A decision as a person reads it, all of it at once and as objects: how a plan was written before it had to hold 100,000
 * people. The oracle for core/planview.ts, which says the same by numbers and in bytes.
 */
import type { Plan, PlanOperation, PlanSummary, Stranger } from '../../daemon/contract/plan.ts';
import { lowers, type Team } from '../../daemon/core/mapping.ts';
import type { Change, Decision, Operation, World } from '../../daemon/core/plan.ts';
import { explain, nameOf } from '../../daemon/core/planview.ts';

export type View = Readonly<{
  basedOn: Plan['basedOn'];
  strangers: readonly Stranger[];
  warnings: readonly string[];
  teams: ReadonlyMap<number, Team>;
  /** A digest of a text, in hexadecimal. */
  digest(text: string): string;
}>;

/** A plan before it is written down: what is said once, and its lines, each made when it is asked for. */
export type Draft = Readonly<{
  outline: Pick<Plan, 'basedOn' | 'summary' | 'limits' | 'strangers' | 'warnings'>;
  people: Iterable<Plan['people'][number]>;
  operations: Iterable<PlanOperation>;
  risk: string;
}>;

export function planOf(decision: Decision, world: World, view: View): Draft {
  const changes = decision.changes
    .map((change) => ({ key: change.case.account.userName.toLowerCase(), change }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.change.case.id < b.change.case.id ? -1 : 1))
    .map(({ change }) => change);
  const batches = batched(decision.operations, world.policy.membersPerPatch);
  return {
    outline: {
      basedOn: view.basedOn,
      summary: summaryOf(changes, world),
      limits: [...decision.limits],
      strangers: [...view.strangers],
      warnings: [...view.warnings],
    },
    people: changes.values().map((change) => shown(change, view.teams)),
    operations: operationsOf(batches, world),
    risk: riskOf(changes, world, view),
  };
}

function* operationsOf(batches: readonly (readonly Operation[])[], world: World): Generator<PlanOperation> {
  const names = new Map(world.cases.map((one) => [one.num, one.account.userName]));
  for (const [at, batch] of batches.entries()) yield operation(batch, at + 1, names, world);
}

/** What would be taken away, by ids: neither a renamed person nor the order of the page makes a plan stale. */
function riskOf(changes: readonly Change[], world: World, view: View): string {
  const taken = changes.flatMap(({ case: { id }, kind, access }) => {
    const losses = access
      .filter(({ from, to }) => from !== null && lowers(world.mapping, from, to))
      .map(({ community, from, to }) => [community, from, to]);
    return kind === 'remove' || losses.length > 0 ? [{ id, removed: kind === 'remove', losses }] : [];
  });
  taken.sort((a, b) => (a.id < b.id ? -1 : 1));
  const strangers = view.strangers.map(({ steepleId }) => steepleId).sort();
  return view.digest(JSON.stringify([world.mapping.mode, taken, strangers]));
}

function shown({ case: one, kind, access, hold }: Change, teams: ReadonlyMap<number, Team>): Plan['people'][number] {
  // Somebody who only leaves or joins groups that make no difference is shown all the same (P6).
  const reason =
    hold?.why ?? (kind === 'none' && access.length === 0 ? 'Only groups change, not what they may do' : '');
  return {
    userName: one.account.userName,
    name: nameOf(one.account),
    personId: one.id,
    change: kind,
    access: access.map((delta) => ({
      community: delta.community,
      from: delta.from,
      to: delta.to,
      because: explain(one.access.get(delta.community), teams),
      held: delta.hold !== undefined,
      rule: delta.hold?.rule ?? null,
      reason: delta.hold?.why ?? '',
    })),
    held: hold !== undefined,
    rule: hold?.rule ?? null,
    reason,
  };
}

export function summaryOf(changes: readonly Change[], world: Pick<World, 'mapping'>): PlanSummary {
  const count = (kind: Change['kind']) => changes.filter((change) => change.kind === kind).length;
  const deltas = changes.flatMap(({ access }) => access);
  return {
    create: count('create'),
    adopt: count('adopt'),
    update: count('update'),
    remove: count('remove'),
    reactivate: count('reactivate'),
    grants: deltas.filter(({ from }) => from === null).length,
    revokes: deltas.filter(({ to }) => to === null).length,
    roleChanges: deltas.filter(({ from, to }) => from !== null && to !== null).length,
    downgrades: deltas.filter(({ from, to }) => from !== null && to !== null && lowers(world.mapping, from, to)).length,
    held: changes.filter(({ hold, access }) => hold !== undefined || access.some((delta) => delta.hold)).length,
  };
}

/** Memberships of one group leave together, at most `size` of them in one PATCH. */
function batched(operations: readonly Operation[], size: number): Operation[][] {
  const batches: Operation[][] = [];
  const open = new Map<string, Operation[]>();
  for (const one of operations) {
    const known = one.kind.startsWith('member.') ? open.get(one.lane) : undefined;
    if (known && known.length < size) known.push(one);
    else {
      const batch = [one];
      batches.push(batch);
      if (one.kind.startsWith('member.')) open.set(one.lane, batch);
    }
  }
  return batches;
}

const methods = {
  create: 'POST',
  update: 'PATCH',
  deactivate: 'PATCH',
  delete: 'DELETE',
  add: 'PATCH',
  remove: 'PATCH',
} as const;

function operation(
  batch: readonly Operation[],
  order: number,
  names: ReadonlyMap<number, string>,
  world: World,
): PlanOperation {
  const first = batch[0] as Operation;
  const [, verb] = first.kind.split('.') as [string, keyof typeof methods];
  const who = first.person === undefined ? '' : (names.get(first.person) ?? '');
  const group = first.target === undefined ? '' : (world.targets.get(first.target)?.name ?? first.target);
  const method = methods[verb];
  const line = (resource: string, summary: string): PlanOperation => ({ order, method, resource, summary });
  switch (first.kind) {
    case 'user.create':
      return line(`Users/${who}`, `Create ${who}`);
    case 'user.update': {
      const paths = (first.body.patch as { path: string }[]).map(({ path }) => path).join(', ');
      return line(
        `Users/${who}`,
        first.body.park === undefined
          ? `Change ${paths} of ${who}`
          : `Move ${who} aside, so that two names can be swapped`,
      );
    }
    case 'user.deactivate':
      return line(`Users/${who}`, `Deactivate ${who}`);
    case 'user.delete':
      return line(`Users/${who}`, `Delete ${who}`);
    case 'group.create':
      return line(`Groups/${group}`, `Create the group ${group}`);
    case 'group.update':
      return line(`Groups/${group}`, `Rename the group to ${group}`);
    case 'group.delete':
      return line(`Groups/${group}`, `Delete the group ${group}`);
    default: {
      const added = batch.filter(({ kind }) => kind === 'member.add').length;
      const parts = [added > 0 && `add ${added}`, batch.length > added && `remove ${batch.length - added}`].filter(
        Boolean,
      );
      const summary = parts.join(', ');
      return line(`Groups/${group}`, `${summary.charAt(0).toUpperCase()}${summary.slice(1)} in ${group}`);
    }
  }
}
