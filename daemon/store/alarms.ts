/**
 * The source shrank: notices when half of a source's active people, or of a large linked group, went away within a cycle,
 * and remembers it until a person clears it.
 *
 * Who left is in `exodus`, written by triggers in the push's own commit; whoever came back meanwhile does not count. Looked
 * for before anything is planned, in the same transaction, so nothing can leave between the two. What an alarm holds is
 * core/gate.ts.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { Alarm, type Policy } from '../contract/policy.ts';
import type { Mapping } from '../core/mapping.ts';
import { say } from '../core/saying.ts';
import { NotFound } from '../errors.ts';
import { grounds } from './grounds.ts';
import type { Heads } from './heads.ts';
import type { Journal } from './journal.ts';
import { owed } from './owed.ts';
import { settings } from './settings.ts';

export type Alarms = ReturnType<typeof alarms>;
const Row = Alarm.omit({ detail: true });
type SourceRow = Readonly<{ id: string; kind: 'entra' | 'okta' | 'scim' }>;
const day = 86_400_000;
const minute = 60_000;

/** `heads`: where somebody counts along; else everybody is counted. */
export function alarms(db: Database, journal: Journal, heads?: Heads) {
  const sources = db.prepare<[], SourceRow>('SELECT id, kind FROM source ORDER BY id');
  const anybody = db.prepare<{ since: number }, number>('SELECT count(*) FROM exodus WHERE at > @since').pluck();
  const cleared = db
    .prepare<{ source: string }, number | null>('SELECT max(cleared_at) FROM alarm WHERE source = @source')
    .pluck();
  const gonePeople = db
    .prepare<{ source: string; since: number }, number>(`
      SELECT count(*) FROM exodus e JOIN person p ON p.num = e.person
      WHERE e.team = 0 AND e.at > @since AND p.source = @source AND p.state <> 'active'`)
    .pluck();
  const active = db
    .prepare<{ source: string }, number>("SELECT count(*) FROM person WHERE source = @source AND state = 'active'")
    .pluck();
  const goneMembers = db.prepare<{ source: string; since: number; floor: number }, { team: number; gone: number }>(`
    SELECT e.team, count(*) AS gone FROM exodus e JOIN team t ON t.num = e.team
    WHERE e.at > @since AND t.source = @source
      AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.team = e.team AND m.person = e.person)
    GROUP BY e.team HAVING count(*) >= @floor ORDER BY e.team`);
  const members = db.prepare<{ team: number }, number>('SELECT count(*) FROM membership WHERE team = @team').pluck();
  const around = db
    .prepare<{ team: number }, string>(`
      WITH RECURSIVE outside (num) AS (
        SELECT @team UNION SELECT nesting.team FROM nesting JOIN outside ON nesting.child = outside.num)
      SELECT team.id FROM team JOIN outside ON team.num = outside.num`)
    .pluck();
  const columns = `a.id, a.source, t.display_name AS "group", a.gone, a.before,
    a.raised_at AS since FROM alarm a LEFT JOIN team t ON t.num = a.team`;
  const standing = db.prepare<[], unknown>(`SELECT ${columns} WHERE a.cleared_at IS NULL ORDER BY a.id`);
  const raise = db.prepare<{ source: string; team: number | null; gone: number; before: number; at: number }>(`
    INSERT OR IGNORE INTO alarm (source, team, gone, before, raised_at) VALUES (@source, @team, @gone, @before, @at)`);
  const clear = db.prepare<{ source: string; by: string; reason: string; at: number }>(`
    UPDATE alarm SET cleared_at = @at, cleared_by = @by, reason = @reason WHERE source = @source AND cleared_at IS NULL`);
  const prune = db.prepare<{ before: number }>('DELETE FROM exodus WHERE at < @before');
  const peopleOf = db.prepare<{ source: string }, number>('SELECT num FROM person WHERE source = @source').pluck();
  const teamName = db.prepare<{ team: number }, string>('SELECT display_name FROM team WHERE num = @team').pluck();
  const owe = owed(db);

  const stand = (): Alarm[] =>
    z
      .array(Row)
      .parse(standing.all())
      .map((row) => ({ ...row, detail: wordsOf(row) }));
  const oweAll = (source: string, seq: number) => owe.people(peopleOf.all({ source }), seq);

  /** Whether so many of so many is what the policy calls shrinking. */
  const shrank = (gone: number, before: number, { shrinkPercent, shrinkFloor }: Policy): boolean =>
    gone > 0 && gone >= shrinkFloor && gone * 100 >= shrinkPercent * before;

  function lookAt({ id: source, kind }: SourceRow, policy: Policy, mapping: Mapping, now: number): void {
    const cycle = policy.shrinkMinutes[kind] * minute;
    const since = Math.max(now - cycle, cleared.get({ source }) ?? 0);
    if ((anybody.get({ since }) ?? 0) < Math.max(1, policy.shrinkFloor)) return;
    const found = (team: number | null, gone: number, before: number) => {
      if (raise.run({ source, team, gone, before, at: now }).changes === 0) return;
      const group = team === null ? null : (teamName.get({ team }) ?? null);
      const seq = journal.append({
        at: now,
        kind: 'decision',
        source,
        body: { what: 'alarm.raised', source, group, gone, before, minutes: policy.shrinkMinutes[kind] },
      });
      oweAll(source, seq); // what is on its way for them is taken back
    };
    const gone = gonePeople.get({ source, since }) ?? 0;
    const before = gone + (heads ? (heads.active().get(source) ?? 0) : (active.get({ source }) ?? 0));
    if (shrank(gone, before, policy)) found(null, gone, before);
    const linked = new Set(mapping.links.filter((link) => link.source === source).map(({ team }) => team));
    if (linked.size === 0) return;
    for (const row of goneMembers.all({ source, since, floor: Math.max(1, policy.shrinkFloor) })) {
      const size = row.gone + (members.get({ team: row.team }) ?? 0);
      if (size <= policy.shrinkOver || !shrank(row.gone, size, policy)) continue;
      if (around.all({ team: row.team }).some((id) => linked.has(id))) found(row.team, row.gone, size);
    }
  }

  return {
    /** Alarms that stand. */
    stand,
    /** Inside planning's transaction, before it reads what is owed: raises what is to be raised. */
    watch(policy: Policy, mapping: Mapping, now: number): void {
      for (const source of sources.all()) lookAt(source, policy, mapping, now);
      prune.run({ before: now - day });
    },
    /** Inside the caller's transaction. @throws NotFound where nothing stands */
    clear(source: string, by: string, reason: string, at: number): void {
      const which = stand().filter((alarm) => alarm.source === source);
      if (clear.run({ source, by, reason, at }).changes === 0) throw new NotFound(say('alarm.none', { source }));
      const seq = journal.append({
        at,
        kind: 'decision',
        actor: by,
        source,
        body: {
          what: 'alarm.cleared',
          source,
          alarms: which.map(({ group, gone, before }) => ({ group, gone, before })),
          reason,
        },
      });
      grounds(settings(db)).decided(seq);
      oweAll(source, seq);
    },
  };
}

const wordsOf = ({ source, group, gone, before }: z.infer<typeof Row>): string =>
  group === null
    ? say('hold.source-shrank', { gone, before, source })
    : say('hold.group-shrank', { gone, before, group, source });
