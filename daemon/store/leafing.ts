/**
 * Leafs through plans on the shelf: any page of one, filtered or not, without the rest. How they are written: binding.ts.
 *
 * Reads only, and needs no more than a connection that may read, so it runs beside the relay's own thread as well. What a
 * plan says never changes under its id; the little that every page needs is remembered for the last plans that were read.
 */
import { zstdDecompressSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import type { GapRow, PersonChange, PlanMember, PlanOperation, Stranger } from '../contract/plan.ts';
import { fold } from '../core/directory.ts';
import { movements } from '../core/headcount.ts';
import { lineKinds, lineOf, reader, type Words } from '../core/planline.ts';
import { gapNames } from '../core/planview.ts';
import { say } from '../core/saying.ts';
import { membersOf, operationOf } from '../core/sending.ts';
import { NotFound } from '../errors.ts';
import { type Line, linesInPart, type PlanOutline, peopleInPart } from './binding.ts';

export type Leafing = ReturnType<typeof leafing>;
export type LinesFilter = Readonly<{
  text: string;
  change: readonly PersonChange['change'][];
  community: string;
  movement: readonly (typeof movements)[number][];
  held?: boolean | undefined;
}>;
export type MembersFilter = Readonly<{
  /** Counted from 1. */
  order: number;
  side?: PlanMember['side'] | undefined;
  text: string;
}>;
type Searchable = Readonly<{ all: Buffer; starts: Int32Array }>;
export type Paging = Readonly<{ offset: number; limit: number }>;
type Book = Readonly<{
  /** The outline as it is stored. */
  said: string;
  outline: PlanOutline;
  words: Words;
  kinds: Uint8Array;
  gaps: Uint8Array;
  /** By line: which movements it has. Plans of earlier versions lack it, and have as many people in a part as of the rest. */
  moved: Uint8Array;
  /** Made when somebody searches: the text of all lines as it is stored, and where each begins. */
  text(): Searchable;
  /** Lines that a filter finds, by the filter. */
  found: Map<string, Int32Array>;
}>;

const booksOpen = 2;
const filtersKept = 8;
const decoder = new TextDecoder();

export function leafing(db: Database) {
  const outlineOf = db
    .prepare<{ id: string }, string>("SELECT outline FROM plan WHERE id = @id AND state = 'whole'")
    .pluck();
  const parts = db.prepare<{ plan: string; line: Line; first: number; last: number }, { at: number; body: Buffer }>(
    'SELECT at, body FROM plan_part WHERE plan = @plan AND line = @line AND at BETWEEN @first AND @last ORDER BY at',
  );
  const books = new Map<string, Book>();

  const part = (plan: string, line: Line, at: number): Uint8Array => {
    const row = parts.get({ plan, line, first: at, last: at });
    return row === undefined ? new Uint8Array() : zstdDecompressSync(row.body);
  };

  /** @throws NotFound */
  function book(id: string): Book {
    const known = books.get(id);
    // Whether it is still there is asked every time; and what it is based on: the same plan may have been made again.
    const said = outlineOf.get({ id });
    if (said === undefined)
      throw new NotFound(
        `There is no plan ${id}; only those that were kept by name and the last fifty others are there`,
      );
    if (known?.said === said) return known;
    const outline = JSON.parse(said) as PlanOutline;
    if (known) return put(id, { ...known, said, outline });
    let text: ReturnType<Book['text']> | undefined;
    const made: Book = {
      said,
      outline,
      words: JSON.parse(decoder.decode(part(id, 'words', 0))) as Words,
      kinds: part(id, 'index', 0),
      gaps: part(id, 'index', 2),
      moved: part(id, 'index', 3),
      text() {
        text ??= searchable(part(id, 'index', 1), this.kinds.length);
        return text;
      },
      found: new Map(),
    };
    return put(id, made);
  }
  function put(id: string, made: Book): Book {
    books.set(id, made);
    const [oldest] = books.keys();
    if (books.size > booksOpen && oldest !== undefined) books.delete(oldest);
    return made;
  }

  /** The lines with these numbers, in their order. */
  function pick(plan: string, line: Line, numbers: readonly number[]): Uint8Array[] {
    const picked: Uint8Array[] = [];
    let open = -1;
    let bytes: Uint8Array = new Uint8Array();
    let reading = reader(bytes);
    let next = 0;
    const inPart = line === 'people' && book(plan).moved.length > 0 ? peopleInPart : linesInPart;
    for (const number of numbers) {
      const at = Math.floor(number / inPart);
      if (at !== open) {
        bytes = part(plan, line, at);
        reading = reader(bytes);
        open = at;
        next = at * inPart;
      }
      for (; next < number; next += 1) reading.skip(reading.number());
      const length = reading.number();
      picked.push(bytes.subarray(reading.at(), reading.at() + length));
      reading.skip(length);
      next += 1;
    }
    return picked;
  }
  const range = ({ offset, limit }: Paging, total: number): number[] =>
    Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, at) => offset + at);
  const texts = (plan: string, line: Line, numbers: readonly number[]): string[] =>
    pick(plan, line, numbers).map((bytes) => decoder.decode(bytes));

  function search(id: string, one: Book, filter: LinesFilter): Int32Array {
    const key = JSON.stringify(filter);
    const known = one.found.get(key);
    if (known) return known;
    let lines = filter.community === '' && filter.movement.length === 0 ? undefined : moving(id, one, filter);
    const wanted = new Set(filter.change.map((kind) => lineKinds.indexOf(kind)));
    if (wanted.size > 0 || filter.held !== undefined) {
      const fits = (kind: number) =>
        (wanted.size === 0 || wanted.has(kind & 7)) && (filter.held === undefined || kind >= 8 === filter.held);
      const all = lines ?? Int32Array.from(one.kinds, (_, at) => at);
      lines = all.filter((at) => fits(one.kinds[at] as number));
    }
    const part = fold(filter.text.trim());
    if (part !== '') {
      const hits = withText(one.text(), part);
      lines = lines ? both(lines, hits) : hits;
    }
    const found = lines ?? Int32Array.from(one.kinds, (_, at) => at);
    one.found.set(key, found);
    const [oldest] = one.found.keys();
    if (one.found.size > filtersKept && oldest !== undefined) one.found.delete(oldest);
    return found;
  }
  /** Who moves like that in a community, or in any. */
  function moving(id: string, { words, kinds, moved }: Book, { community, movement }: LinesFilter): Int32Array {
    const wanted = new Set(movement.map((one) => movements.indexOf(one)));
    if (community === '' && moved.length > 0) {
      const bits = [...wanted].reduce((all, one) => all | (1 << one), 0) || 15;
      return numbered(moved, (one) => (one & bits) !== 0);
    }
    const places = community === '' ? words.communities.keys() : [words.communities.indexOf(community)];
    const marked = new Uint8Array(kinds.length);
    for (const place of places) {
      if (place < 0) continue;
      const reading = reader(part(id, 'movements', place));
      for (let entry = 0; !reading.ended(); ) {
        entry += reading.number();
        if (wanted.size === 0 || wanted.has((entry >>> 1) & 3)) marked[Math.floor(entry / 8)] = 1;
      }
    }
    return numbered(marked, (one) => one === 1);
  }

  const peopleAt = (id: string, numbers: readonly number[]): PersonChange[] =>
    pick(id, 'people', numbers).map((bytes) => lineOf(bytes, book(id).words));

  return {
    /** @throws NotFound */
    outline: (id: string): PlanOutline => book(id).outline,
    /** Whoever opens a plan may search in it soon. */
    expect: (id: string): void => void books.get(id)?.text(),
    people(id: string, filter: LinesFilter | undefined, paging: Paging) {
      const one = book(id);
      const lines = filter && search(id, one, filter);
      const total = lines ? lines.length : one.kinds.length;
      const numbers = lines
        ? [...lines.subarray(paging.offset, paging.offset + paging.limit)]
        : range(paging, one.kinds.length);
      return { items: pick(id, 'people', numbers).map((bytes) => lineOf(bytes, one.words)), total };
    },
    /** The lines with these numbers, which ascend. */
    peopleAt,
    operations(id: string, paging: Paging): { items: PlanOperation[]; total: number } {
      const total = book(id).outline.total.operations;
      const numbers = range(paging, total);
      const items = texts(id, 'operations', numbers).map((text, at) => operationOf(text, paging.offset + at + 1));
      return { items, total };
    },
    /** @throws NotFound */
    members(id: string, { order, side, text }: MembersFilter, { offset, limit }: Paging) {
      if (order > book(id).outline.total.operations) throw new NotFound(say('plan.no-operation', { plan: id, order }));
      const lines = membersOf(texts(id, 'operations', [order - 1])[0] ?? '');
      const part = fold(text.trim());
      const fits = ({ userName, name }: PersonChange) => fold(`${userName}\t${name}`).includes(part);
      // One request carries few people, so all of them are read and the page is cut out of them.
      const all = (['enters', 'leaves'] as const).flatMap((one): PlanMember[] => {
        const numbers = (one === 'enters' ? lines?.enter : lines?.leave) ?? [];
        if (side !== undefined && side !== one) return [];
        return peopleAt(id, numbers).map((person) => ({ side: one, person }));
      });
      const found = all.filter(({ person }) => fits(person));
      const [enter, leave] = [lines?.enter.length ?? 0, lines?.leave.length ?? 0];
      return {
        items: found.slice(offset, offset + limit),
        total: found.length,
        enter,
        leave,
        told: lines !== undefined,
      };
    },
    /** As they were when the plan was made. */
    strangers(id: string, part: string, paging: Paging): { items: Stranger[]; total: number } {
      const total = book(id).outline.total.strangers ?? 0;
      const all = (some: Paging) =>
        texts(id, 'strangers', range(some, total)).map((text) => JSON.parse(text) as Stranger);
      const wanted = fold(part.trim());
      if (wanted === '') return { items: all(paging), total };
      const found = all({ offset: 0, limit: total }).filter(({ userName }) => fold(userName).includes(wanted));
      return { items: found.slice(paging.offset, paging.offset + paging.limit), total: found.length };
    },
    gaps(id: string, gap: GapRow['gaps'][number] | undefined, paging: Paging): { items: GapRow[]; total: number } {
      const { gaps } = book(id);
      const lines = [...gaps.keys()].filter((at) => gap === undefined || gapNames(gaps[at] as number).includes(gap));
      const items = texts(id, 'gaps', lines.slice(paging.offset, paging.offset + paging.limit)).map((text): GapRow => {
        const [userName, name, personId, source, bits] = JSON.parse(text) as [string, string, string, string, number];
        return { userName, name, personId, source, gaps: gapNames(bits) };
      });
      return { items, total: lines.length };
    },
  };
}

/** The places of what fits, ascending. */
function numbered(row: Uint8Array, fits: (value: number) => boolean): Int32Array {
  const found = new Int32Array(row.length);
  let some = 0;
  for (let at = 0; at < row.length; at += 1) if (fits(row[at] as number)) found[some++] = at;
  return found.slice(0, some);
}

/** What is in both of two ascending lists. */
function both(one: Int32Array, other: Int32Array): Int32Array {
  const found = new Int32Array(Math.min(one.length, other.length));
  let some = 0;
  for (let here = 0, there = 0; here < one.length && there < other.length; ) {
    const difference = (one[here] as number) - (other[there] as number);
    if (difference === 0) found[some++] = one[here] as number;
    if (difference <= 0) here += 1;
    if (difference >= 0) there += 1;
  }
  return found.slice(0, some);
}

function searchable(bytes: Uint8Array, lines: number): Searchable {
  const starts = new Int32Array(lines);
  for (let at = 1, from = bytes.indexOf(10); from >= 0 && at < lines; at += 1, from = bytes.indexOf(10, from + 1))
    starts[at] = from + 1;
  return { all: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), starts };
}

/** The numbers of the lines with a text in them. UTF-8 has no character inside another, so bytes can be compared. */
function withText({ all, starts }: Searchable, part: string): Int32Array {
  const wanted = Buffer.from(part);
  const found = new Int32Array(starts.length);
  let some = 0;
  let line = 0;
  for (let hit = all.indexOf(wanted); hit >= 0; hit = all.indexOf(wanted, starts[line])) {
    let [low, high] = [line, starts.length - 1];
    // Hits are mostly near each other.
    for (let step = 1; low + step <= high; step *= 2) {
      if ((starts[low + step] as number) <= hit) low += step;
      else {
        high = low + step - 1;
        break;
      }
    }
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= hit) low = middle;
      else high = middle - 1;
    }
    found[some++] = low;
    line = low + 1;
    if (line >= starts.length) break;
  }
  return found.slice(0, some);
}
