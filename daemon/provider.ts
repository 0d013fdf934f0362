/**
 * What a source may ask of the relay, as use cases: push, read one, search. The SCIM door (http/scim.ts) knows nothing
 * behind this.
 *
 * Answers are ready text with what the headers need. Refusals are thrown as RelayErrors. Laws: I3 (what is answered is
 * read back from what was stored), I4 (nothing here knows whether Steeple is there).
 */
import { type ResourceKind, urn } from './contract/scim.ts';
import type { Outcome, Push, Spoilt, Stored } from './core/directory.ts';
import { type Filter, parseFilter } from './core/filter.ts';
import { locationOf, represent, shownBy, type View, write } from './core/representation.ts';
import { enterpriseSchema, groupSchema, userSchema } from './core/schema.ts';
import { type Order, orderOf } from './core/sort.ts';
import type { Cursors, Mark } from './cursor.ts';
import { Malformed, NotFound, Unavailable } from './errors.ts';
import { unavailable } from './store/db.ts';
import type { Directory } from './store/directory.ts';
import { mustMatch, tagged } from './store/verdict.ts';

export type { Push, Spoilt } from './core/directory.ts';
export type { View } from './core/representation.ts';
export type Provider = ReturnType<typeof provider>;

/** `text` is absent where there is nothing to say (204). */
export type Answer = Readonly<{ status: number; text?: string; version?: number; location?: string }>;
export type Search = Readonly<{
  source: string;
  kinds: readonly ResourceKind[];
  filter?: string | undefined;
  sortBy?: string | undefined;
  sortOrder?: string | undefined;
  /** As sent: counts from 1; less means 1. */
  startIndex?: number | undefined;
  /** As sent: less than 0 means 0; with a cursor it must be of a page. */
  count?: number | undefined;
  /** RFC 9865: '' asks for the first page. */
  cursor?: string | undefined;
}>;

/** What one page holds at most, and what it holds when nobody says. */
const pageLimit = 1000;
const pageDefault = 100;

export function provider(dependencies: {
  push: (item: Push | Spoilt, from?: number) => Promise<Outcome>;
  directory: Pick<Directory, 'get' | 'find'>;
  cursors: Cursors;
}) {
  const { push, directory, cursors } = dependencies;

  const wantedBy = (shown: ReturnType<typeof shownBy>) => ({
    members: shown?.wants('members') ?? true,
    groups: shown?.wants('groups') ?? true,
  });

  async function read(source: string, kind: ResourceKind, id: string, view: View): Promise<Answer | undefined> {
    const shown = shownBy(kind, view);
    const stored = await reading(() => directory.get(source, kind, id, wantedBy(shown)));
    if (stored === undefined) return undefined;
    return answer(stored, view, shown);
  }

  const answer = (stored: Stored, { base }: View, shown: ReturnType<typeof shownBy>): Answer => {
    const { kind, id, version } = stored;
    return { status: 200, text: represent(stored, base, shown), version, location: locationOf(base, kind, id) };
  };

  /** What is certain of a new resource, where no more can be read. */
  const created = (kind: ResourceKind, id: string, version: number, { base }: View): Answer => {
    const location = locationOf(base, kind, id);
    const schemas = [kind === 'User' ? urn.user : urn.group];
    const text = JSON.stringify({ schemas, id, meta: { resourceType: kind, location } });
    return { status: 201, text, version, location };
  };

  return {
    pageLimit,
    pageDefault,
    tagged,
    mustMatch,
    schemas: [userSchema, enterpriseSchema, groupSchema],

    /** @throws NotFound, also for what is deleted or another source's */
    async get(source: string, kind: ResourceKind, id: string, view: View): Promise<Answer> {
      const found = await read(source, kind, id, view);
      if (found === undefined) throw new NotFound(`There is no ${kind} "${id}"`);
      return found;
    },

    /** Answers once the push is on disk. `from`: the connection it came over. @throws RelayError the refusal, journaled */
    async push(item: Push, view: View, from?: number): Promise<Answer> {
      const outcome = await push(item, from);
      if (!outcome.ok) throw outcome.error;
      const { status, id, version, stored } = outcome;
      if (stored) return { ...answer(stored, view, shownBy(item.kind, view)), status };
      if (item.method === 'DELETE') return { status };
      // RFC 7644 §3.5.2: 204 will do, unless the client named attributes it wants to see.
      if (status === 204 && view.attributes === undefined) return { status, version };
      const now = await read(item.source, item.kind, id, view).catch((thrown: unknown) => {
        // It is on disk, whatever became of it since: "nothing was stored" would have it sent again.
        if (!(thrown instanceof Unavailable)) throw thrown;
      });
      if (now) return { ...now, status: status === 204 ? 200 : status };
      // A DELETE may have shared the commit, too: the push was accepted all the same, and there is nothing to show of it.
      return status === 201 ? created(item.kind, id, version, view) : { status: 204, version };
    },

    /** Journals a push nobody could read, and throws the reason. */
    async refuse(item: Spoilt): Promise<never> {
      const outcome = await push(item);
      throw outcome.ok ? item.reason : outcome.error;
    },

    /** A ListResponse (RFC 7644 §3.4.2, RFC 9865). Several kinds come one after the other, as one list. */
    async search(asked: Search, view: View): Promise<Answer> {
      const { source, kinds, filter, sortBy, sortOrder, cursor } = asked;
      const { startIndex, count } = pageOf(asked);
      const question = [source, kinds, filter ?? null, sortBy ?? null, sortOrder ?? null];
      const from = cursor ? cursors.open(cursor, question) : undefined;
      const order = orderBy(asked);
      const pieces: string[] = [];
      let itemsPerPage = 0;
      let total = 0;
      let next: Omit<Mark, 'total'> | undefined;
      for (const [at, kind] of perKind(kinds, filter).entries()) {
        if (from && (at < from.kind || next)) continue;
        const after = from?.kind === at ? from : undefined;
        const shown = shownBy(kind.kind, view);
        const found = await reading(() =>
          directory.find({
            ...kind,
            source,
            base: view.base,
            order,
            after,
            offset: Math.max(0, startIndex - 1 - total),
            count: count - itemsPerPage,
            wanted: wantedBy(shown),
          }),
        );
        for (const stored of found.resources) {
          pieces.push(itemsPerPage === 0 ? '' : ',');
          write(pieces, stored, view.base, shown);
          itemsPerPage += 1;
        }
        total += found.total;
        if (found.more) next ??= { kind: at, num: 0, key: null, ...found.last };
      }
      // A later page says what the first one counted: counting again would read everything again.
      const totalResults = from?.total ?? total;
      const place =
        cursor === undefined
          ? { startIndex }
          : next && { nextCursor: cursors.seal({ ...next, total: totalResults }, question) };
      const head = JSON.stringify({ schemas: [urn.list], totalResults, itemsPerPage, ...place });
      return { status: 200, text: [head.slice(0, -1), ',"Resources":[', ...pieces, ']}'].join('') };
    },
  };
}

/** RFC 9865 §2 has a cursor's page hold from one to as many as there may be; RFC 7644 §3.4.2.4 makes the best of what is sent. */
function pageOf({ cursor, startIndex = 1, count = pageDefault }: Search): { startIndex: number; count: number } {
  if (cursor === undefined)
    return { startIndex: Math.max(1, startIndex), count: Math.min(pageLimit, Math.max(0, count)) };
  if (startIndex > 1)
    throw new Malformed('invalidValue', '"startIndex" and "cursor" are two ways to page; send one of them');
  if (count < 1 || count > pageLimit)
    throw new Malformed('invalidCount', `With a cursor "count" is from 1 to ${pageLimit}`);
  return { startIndex: 1, count };
}

function orderBy({ kinds, sortBy, sortOrder }: Search): Order | undefined {
  if (sortBy === undefined || sortBy.trim() === '') return undefined;
  const [kind, another] = kinds;
  if (kind === undefined || another !== undefined)
    throw new Malformed(
      'invalidPath',
      'Users and groups are not sorted together; ask /Users/.search or /Groups/.search',
    );
  return orderOf(kind, sortBy, sortOrder);
}

/** The filter as each kind reads it. Over several, a kind that lacks the attribute has no match; over one it is an error. */
function perKind(kinds: readonly ResourceKind[], text: string | undefined) {
  if (text === undefined) return kinds.map((kind) => ({ kind, filter: undefined }));
  const read: { kind: ResourceKind; filter: Filter }[] = [];
  let refused: Malformed | undefined;
  for (const kind of kinds) {
    try {
      read.push({ kind, filter: parseFilter(text, kind) });
    } catch (thrown) {
      if (!(thrown instanceof Malformed)) throw thrown;
      refused ??= thrown;
    }
  }
  if (read.length === 0 && refused) throw refused;
  return read;
}

/** A damaged file or a disk that fails while reading is a 503, as it is while writing (I4). */
async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw unavailable(thrown) ?? thrown;
  }
}
