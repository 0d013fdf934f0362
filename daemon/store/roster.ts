/**
 * The directory as a person of ours reads it, over all sources: how many there are, and lists to look somebody up in.
 * Read only. What sources read of their own is in search.ts.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { GroupRow, PersonRow } from '../contract/people.ts';
import { accountOf } from '../core/account.ts';
import { attributesOf, fold } from '../core/directory.ts';

/** `filter` is part of a userName, a name or an e-mail (of groups: of the displayName), in any case; '' is everybody. */
export type Look = Readonly<{ filter: string; offset: number; limit: number }>;
export type Page<T> = Readonly<{ items: readonly T[]; total: number }>;
/** The mapping knows the links; the directory does not. */
export type TeamRow = Readonly<Omit<GroupRow, 'links'>>;

const Counts = z.object({ users: z.int(), active: z.int(), groups: z.int(), memberships: z.int() });
const Person = PersonRow.omit({ email: true }).extend({ body: z.string() });
const Team = GroupRow.omit({ links: true });

export function roster(db: Database) {
  const counts = db.prepare<[], unknown>(`
    SELECT (SELECT count(*) FROM person WHERE state <> 'deleted') AS users,
           (SELECT count(*) FROM person WHERE state = 'active') AS active,
           (SELECT count(*) FROM team WHERE state = 'live') AS groups,
           (SELECT count(*) FROM membership) + (SELECT count(*) FROM nesting) AS memberships`);
  const somePeople = `FROM person WHERE state <> 'deleted' AND (@part = '' OR instr(user_name_key, @part)
    OR instr(name_key, @part)
    OR num IN (SELECT person FROM person_email WHERE instr(email_key, @part)))`;
  const people = db.prepare<{ part: string; offset: number; limit: number }, unknown>(`
    SELECT id, source, state, user_name AS userName, name, body,
           (SELECT count(*) FROM membership WHERE person = person.num) AS groups
    ${somePeople} ORDER BY user_name_key LIMIT @limit OFFSET @offset`);
  const peopleTotal = db.prepare<{ part: string }, number>(`SELECT count(*) ${somePeople}`).pluck();
  const someTeams = `FROM team WHERE state = 'live' AND (@part = '' OR instr(display_name_key, @part))`;
  const teams = db.prepare<{ part: string; offset: number; limit: number }, unknown>(`
    SELECT id, source, display_name AS displayName, external_id AS externalId,
           (SELECT count(*) FROM membership WHERE team = team.num)
             + (SELECT count(*) FROM nesting WHERE team = team.num) AS members
    ${someTeams} ORDER BY display_name_key, num LIMIT @limit OFFSET @offset`);
  const teamsTotal = db.prepare<{ part: string }, number>(`SELECT count(*) ${someTeams}`).pluck();

  return {
    counts: async (): Promise<z.infer<typeof Counts>> => Counts.parse(counts.get()),
    async people({ filter, offset, limit }: Look): Promise<Page<PersonRow>> {
      const part = fold(filter.trim());
      const items = z.array(Person).parse(people.all({ part, offset, limit }));
      return {
        items: items.map(({ body, ...row }) => ({ ...row, email: accountOf(attributesOf(body)).email })),
        total: peopleTotal.get({ part }) ?? 0,
      };
    },
    async groups({ filter, offset, limit }: Look): Promise<Page<TeamRow>> {
      const part = fold(filter.trim());
      return { items: z.array(Team).parse(teams.all({ part, offset, limit })), total: teamsTotal.get({ part }) ?? 0 };
    },
  };
}
