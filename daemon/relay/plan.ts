/**
 * The use cases of plans and of external accounts: a plan is made from Steeple as it is, kept on the shelf, and read in pages.
 * What is long is done beside the relay's own thread (surveyor.ts). Laws: G1 (nothing but reads), P3.
 */
import type { Handlers } from '../contract/admin.ts';
import type { PersonChange, PlanPage, planCalls } from '../contract/plan.ts';
import type { Said } from '../contract/said.ts';
import { saidOf } from '../core/saying.ts';
import type { Externals } from '../store/externals.ts';
import type { Planning } from '../store/planning.ts';
import type { Surveyor } from '../surveyor.ts';

type Parts = Readonly<{
  planning: Planning;
  surveyor: Surveyor;
  externals: Externals;
  /** Reads Steeple, if sync is off and what is known is older than that. */
  observe(maxAgeMs: number): Promise<void>;
  changed(...what: readonly string[]): void;
  now(): number;
}>;
/** Of strangers, a plan's own pages name so many at most. */
const strangersInPage = 1000;

export function planDesk(parts: Parts): Pick<Handlers, keyof typeof planCalls> {
  const { planning, surveyor, externals, observe, changed, now } = parts;
  const { shelf } = planning;

  async function page(id: string, offset: number, limit: number): Promise<PlanPage> {
    const [outline, people, operations, strangers] = await Promise.all([
      surveyor.outline(id),
      surveyor.people(id, undefined, { offset, limit }),
      surveyor.operations(id, { offset, limit }),
      surveyor.strangers(id, '', { offset: 0, limit: strangersInPage }),
    ]);
    const told = strangers.items.map((one) => externals.told(one, now()));
    const warningsSaid = outline.warnings.map(saidOf);
    return {
      ...outline,
      warningsSaid,
      people: people.items.map(withSaid),
      operations: operations.items,
      strangers: told,
    };
  }

  return {
    'plan.make': async ({ of, offset, limit }) => {
      await observe(0);
      const { id } = await planning.preview(now(), of);
      changed('plan', 'status');
      return page(id, offset, limit);
    },
    'plan.show': ({ id, offset, limit }) => page(id, offset, limit),
    'plan.people': async ({ id, offset, limit, ...filter }) => {
      const { items, total } = await surveyor.people(id, filter, { offset, limit });
      return { items: items.map(withSaid), total };
    },
    'plan.operations': ({ id, ...paging }) => surveyor.operations(id, paging),
    'plan.members': async ({ id, order, side, text, ...paging }) => {
      const { items, ...found } = await surveyor.members(id, { order, side, text }, paging);
      return { items: items.map(({ side: one, person }) => ({ side: one, person: withSaid(person) })), ...found };
    },
    'plan.strangers': async ({ id, text, ...paging }) => {
      const { items, total } = await surveyor.strangers(id, text, paging);
      return { items: items.map((one) => externals.told(one, now())), total };
    },
    'plan.gaps': ({ id, gap, ...paging }) => surveyor.gaps(id, gap, paging),
    'plan.list': async ({ offset, limit }) => shelf.list(offset, limit),
    'plan.keep': async ({ id, name, note, by }) => {
      const row = shelf.keep(id, { name: name.trim(), note }, by, now());
      changed('plan');
      return row;
    },
    'plan.release': async ({ id, by }) => {
      const row = shelf.keep(id, { name: '', note: '' }, by, now());
      changed('plan');
      return row;
    },
    'plan.compare': async ({ before, after, offset, limit }) => {
      const rows = { before: shelf.row(before), after: shelf.row(after) };
      const { people, ...found } = await surveyor.compare(before, after, { offset, limit });
      const shown = people.map((one) => ({
        ...one,
        before: one.before && withSaid(one.before),
        after: one.after && withSaid(one.after),
      }));
      return { ...rows, ...found, people: shown };
    },
    'plan.export': async ({ id, from, ...wanted }) => {
      const all = { offset: 0, limit: Number.MAX_SAFE_INTEGER };
      const strangers = from > 0 ? [] : (await surveyor.strangers(id, '', all)).items;
      const told = strangers.map((one) => externals.told(one, now()));
      return surveyor.export(id, { ...wanted, from }, shelf.row(id), told);
    },

    'external.list': (look) => externals.list(look, now()),
    'external.declare': async ({ steepleIds, reason, owner, reviewAt, by }) => {
      const items = await externals.declare(steepleIds, { reason, owner, reviewAt }, by, now());
      changed('plan', 'status');
      return { items };
    },
    'external.withdraw': async ({ steepleIds, reason, by }) => {
      const withdrawn = await externals.withdraw(steepleIds, reason, by, now());
      changed('plan', 'status');
      return { withdrawn };
    },
  };
}

/** A line of a plan holds why something waits in words only. */
function withSaid(person: PersonChange): PersonChange {
  const reasonSaid = reasonOf(person.reason);
  return { ...person, reasonSaid, access: person.access.map((one) => ({ ...one, reasonSaid: reasonOf(one.reason) })) };
}
const reasonOf = (reason: string): Said | null => (reason === '' ? null : saidOf(reason));
