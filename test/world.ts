/** A directory with everything real behind it and nothing in front: for the books about pushes and reads. */
import type { Json, JsonObject } from '../daemon/contract/scim.ts';
import type { Outcome, Push } from '../daemon/core/directory.ts';
import type { RelayError } from '../daemon/errors.ts';

import { directory } from '../daemon/store/directory.ts';
import { journal } from '../daemon/store/journal.ts';
import { sources } from '../daemon/store/sources.ts';
import { blank } from './stores.ts';

const both = { members: true, groups: true };

/** A directory in memory that two sources push to, `entra` and `okta`, with ids and a clock that count. */
export async function world() {
  const db = blank();
  const log = journal(db);
  const known = sources(db, log);
  for (const kind of ['entra', 'okta'] as const) await known.add({ kind, name: kind, token: kind, by: 'test', now: 0 });
  let ids = 0;
  let clock = 1_000;
  const reports: unknown[] = [];
  const store = directory(db, log, {
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    now: () => ++clock,
    report: (cause) => reports.push(cause),
  });
  const push = async (item: Push): Promise<Outcome> => (await store.accept([item]))[0]!;
  const accepted = async (item: Push): Promise<Extract<Outcome, { ok: true }>> => {
    const outcome = await push(item);
    if (!outcome.ok) throw outcome.error;
    return outcome;
  };
  const refused = async (item: Push): Promise<RelayError> => {
    const outcome = await push(item);
    if (outcome.ok) throw new Error('it was accepted');
    return outcome.error as RelayError;
  };
  const user = async (userName: string, source = 'entra', more: JsonObject = {}) =>
    (await accepted({ source, method: 'POST', kind: 'User', body: { userName, ...more } })).id;
  const group = async (displayName: string, members: readonly string[] = [], source = 'entra') => {
    const body = { displayName, members: members.map((value) => ({ value })) };
    return (await accepted({ source, method: 'POST', kind: 'Group', body })).id;
  };
  const patch = (id: string, Operations: Json, kind: Push['kind'] = 'Group', source = 'entra'): Push => ({
    source,
    method: 'PATCH',
    kind,
    id,
    body: { Operations },
  });
  const members = async (id: string, source = 'entra') =>
    (await store.get(source, 'Group', id, both))?.members?.map(({ value }) => value);
  /** All there is but the journal, to see that nothing changed. */
  const dump = () =>
    ['person', 'person_email', 'team', 'membership', 'nesting', 'owed'].map((table) =>
      db.prepare(`SELECT * FROM ${table}`).all(),
    );
  return {
    db,
    close: () => db.close(),
    log,
    known,
    store,
    reports,
    push,
    accepted,
    refused,
    user,
    group,
    patch,
    members,
    dump,
  };
}
export type World = Awaited<ReturnType<typeof world>>;
