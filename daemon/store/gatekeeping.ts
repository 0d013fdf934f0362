/**
 * What the gate keeps besides held items: alarms, how far standing approvals are used, and a looser policy that waits for
 * a second person.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Alarm } from '../contract/policy.ts';
import { fold } from '../core/directory.ts';
import { dayMs } from '../core/standing.ts';
import { Malformed } from '../errors.ts';
import { alarms as openAlarms } from './alarms.ts';
import { commit } from './commit.ts';
import { sameName } from './deciding.ts';
import type { Journal } from './journal.ts';
import type { Setting, Settings } from './settings.ts';

export type Gatekeeping = ReturnType<typeof gatekeeping>;
type Waiting = NonNullable<Setting<'proposal'>>;

export function gatekeeping(db: Database, journal: Journal, settings: Settings) {
  const alarms = openAlarms(db, journal);
  const used = db
    .prepare<{ standing: string; since: number }, number>(`
      SELECT count(*) FROM held WHERE standing = @standing
        AND (state = 'approved' OR (state = 'sent' AND ended_at > @since))`)
    .pluck();
  const named = db.prepare<{ text: string; key: string }, { id: string; name: string }>(`
    SELECT id, display_name AS name FROM team
    WHERE state = 'live' AND (id = @text OR external_id = @text OR display_name_key = @key) ORDER BY id = @text DESC`);

  return {
    alarms: (): Alarm[] => alarms.stand(),
    clear: async (source: string, by: string, reason: string, at: number): Promise<void> =>
      commit(db, journal, () => alarms.clear(source, by, reason, at)),
    /** How many left by a standing approval in the last 24 hours, or are on their way. */
    used: (standing: string, now: number): number => used.get({ standing, since: now - dayMs }) ?? 0,

    /** Ids of groups given by id, externalId or name. @throws Malformed for one that is unknown, or whose name is not its own */
    groupIds(value: unknown): string[] {
      const given = z.array(z.string()).safeParse(value);
      if (!given.success) throw new Malformed('invalidValue', 'protectedGroups: give a list of groups');
      return given.data.map((text) => {
        const [first, second] = named.all({ text, key: fold(text) });
        if (first === undefined) throw new Malformed('invalidValue', `protectedGroups: there is no group "${text}"`);
        if (second !== undefined && first.id !== text)
          throw new Malformed(
            'invalidValue',
            `protectedGroups: several groups are called "${text}"; give the id of one`,
          );
        return first.id;
      });
    },

    propose: async (proposal: Waiting, at: number): Promise<void> =>
      commit(db, journal, () => {
        settings.set('proposal', proposal);
        const { key, value, reason, via } = proposal;
        journal.append({
          at,
          kind: 'decision',
          actor: proposal.by,
          body: { what: 'policy.propose', key, value, reason, via },
        });
      }),
    withdraw: async (by: string, reason: string, at: number): Promise<void> =>
      commit(db, journal, () => {
        const waiting = settings.get('proposal');
        settings.set('proposal', null);
        const body = { what: 'policy.withdraw', key: waiting?.key, ...(reason !== '' && { reason }) };
        journal.append({ at, kind: 'decision', actor: by, body });
      }),
    /** Whether two are not two: one name, or in the console one session. */
    isOnePerson: (
      a: Readonly<{ by: string; via: string; session: string }>,
      b: Readonly<{ by: string; via: string; session: string }>,
    ): boolean => sameName(a.by, b.by) || (a.via === 'console' && b.via === 'console' && a.session === b.session),
  };
}
