/**
 * Surveying, at the store: makes whole plans and reads them, from a connection that needs no more than to read.
 *
 * It runs beside the relay's own thread (surveyor.ts, surveyworker.ts), so that a plan of 100,000 people takes nothing from
 * intake; in tests and on a database in memory it runs where it is called. A plan is made in one read transaction, which in
 * WAL mode is a snapshot: whatever is pushed meanwhile is not in it, and is planned by itself afterwards.
 */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { PlanOf, Stranger } from '../contract/plan.ts';
import { type NewItem, rolesOf } from '../core/plan.ts';
import { planOf } from '../core/planview.ts';
import { say } from '../core/saying.ts';
import type { Successors } from '../core/succession.ts';
import { type Bound, bind } from './binding.ts';
import { type Counted, censuses } from './census.ts';
import { comparison } from './comparison.ts';
import { exporting } from './exporting.ts';
import { history } from './history.ts';
import { journal as openJournal } from './journal.ts';
import { leafing } from './leafing.ts';
import { mappings as openMappings } from './mapping.ts';
import { observing } from './observed.ts';
import { settings as openSettings } from './settings.ts';

export type Surveying = ReturnType<typeof surveying>;
/** A plan that is made and not yet kept; the items that carrying it out would open, and who makes up for whom. */
export type Found = Readonly<{ bound: Bound; opens: readonly NewItem[]; successors: Successors }>;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export function surveying(db: Database) {
  const journal = openJournal(db);
  const settings = openSettings(db);
  const mappings = openMappings(db, journal);
  const observed = observing(db);
  const take = censuses(db, journal);

  /** Accounts in Steeple that this world gives to nobody. */
  function strangersIn(world: Counted): Stranger[] {
    return observed
      .unclaimed()
      .filter(({ num }) => !world.adopted.has(num))
      .map(({ steepleId, userName, active, targets }) => ({
        steepleId,
        userName,
        active: active === 1,
        access: [...rolesOf(targets, world)].map(([community, role]) => ({ community, role })),
        note: '',
      }));
  }

  function warningsOf(world: Counted): string[] {
    const warnings = world.cycles.map((ring) => {
      const names = ring.map((num) => world.teams.get(num)?.name ?? String(num));
      return `These groups contain each other in a ring, which changes nobody's access: ${names.join(', ')}`;
    });
    const teamIds = new Map([...world.teams.values()].map((team) => [team.id, team]));
    for (const { team, source, community, role } of world.mapping.links) {
      const known = teamIds.get(team);
      if (!known?.live)
        warnings.push(
          `The link from ${source} to ${community} (${role}) is broken: its group ${known?.name ?? team} is gone`,
        );
    }
    return warnings;
  }

  /** What there is to say of taking back: in a plan of it, and in another while it goes on. */
  function notesOn(isBack: boolean): string[] {
    const { created, adopted } = observed.ours();
    if (!isBack) return [say('plan.taking-back', { count: created })];
    return adopted > 0 ? [say('plan.take-back-stays', { count: adopted })] : [];
  }

  const make = db.transaction((of: PlanOf, now: number): Found => {
    const isBack = of === 'take-back';
    const { version, mapping } = mappings.which(isBack ? 'published' : of);
    const names = mappings.communityNames();
    const world = take(mapping, settings.get('policy'), now, isBack);
    const edition = of === 'draft' ? mappings.draft()?.edition : undefined;
    const { since, first, takingBack } = settings.get('sync');
    const notes = isBack || takingBack ? notesOn(isBack) : [];
    const draft = planOf(
      { ...world, first: !isBack && (since === null || first === true) },
      {
        basedOn: {
          journal: journal.lastSeq(),
          mapping: version,
          observedAt: settings.get('scannedAt') ?? 0,
          observed: settings.get('grounds').observed,
          of,
          ...(edition !== undefined && { edition }),
        },
        strangers: strangersIn(world),
        warnings: [...notes, ...warningsOf(world)],
        teams: world.teams,
        communityName: (id) => names.get(id) ?? id,
        digest,
      },
    );
    return { bound: bind(draft), opens: draft.opens, successors: draft.successors };
  });

  const lastPush = db
    .prepare<{ source: string }, number>(
      "SELECT at FROM journal WHERE kind = 'push' AND source = @source ORDER BY seq DESC LIMIT 1",
    )
    .pluck();
  const pages = leafing(db);
  return {
    make: (of: PlanOf, now: number): Found => make(of, now),
    ...pages,
    compare: comparison(pages),
    export: exporting(pages),
    history: history(db),
    /** When each source last pushed something. A source that never did costs a reading of the journal. */
    lastPushes: (ids: readonly string[]): Record<string, number | undefined> =>
      Object.fromEntries(ids.map((source) => [source, lastPush.get({ source })])),
    /** The ids of a plan's strangers that are switched on. */
    activeStrangers: (id: string): string[] =>
      pages
        .strangers(id, '', { offset: 0, limit: Number.MAX_SAFE_INTEGER })
        .items.filter(({ active }) => active)
        .map(({ steepleId }) => steepleId),
  };
}
