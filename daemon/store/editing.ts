/** What editing the mapping needs of the store, put together: the draft, what rules propose, the picture, and the outlook. */
import type { Database } from 'better-sqlite3';
import { boards } from './board.ts';
import { drafts } from './draft.ts';
import { expansions } from './expansions.ts';
import type { Journal } from './journal.ts';
import type { Mappings } from './mapping.ts';
import { outlook } from './outlook.ts';
import { rolls as openRolls } from './rosters.ts';
import { teams as openTeams } from './teams.ts';

export type Editing = ReturnType<typeof editing>;

export function editing(db: Database, { journal, mappings }: Readonly<{ journal: Journal; mappings: Mappings }>) {
  const teams = openTeams(db);
  const rolls = openRolls(db, { journal, teams });
  return {
    mappings,
    drafts: drafts(db, { journal, mappings, teams }),
    expansions: expansions(db, { journal, mappings, teams }),
    boards: boards({ mappings, rolls }),
    outlook: outlook(db, { mappings, rolls, teams }),
  };
}
