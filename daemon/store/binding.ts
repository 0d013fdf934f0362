/**
 * Binds a plan: writes its draft down in compressed parts, and gives it its id, which is a digest of all that it says (P5).
 * `basedOn` is not part of that, but for the mapping, since the same plan made a minute later is the same plan.
 *
 * No database here: a whole plan is bound beside the relay's own thread, and its parts are put on the shelf (plans.ts) a
 * few at a time. How they are read: leafing.ts.
 */
import { createHash } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import type { PlanPage } from '../contract/plan.ts';
import { writer } from '../core/planline.ts';
import type { Draft } from '../core/planview.ts';

export type Line = 'people' | 'operations' | 'strangers' | 'gaps' | 'words' | 'index' | 'movements';
export type Part = Readonly<{ line: Line; at: number; body: Uint8Array }>;
export type PlanOutline = Omit<PlanPage, 'people' | 'operations' | 'strangers'>;
export type Bound = Readonly<{ outline: PlanOutline; risk: string; parts: readonly Part[] }>;

/** Lines in a part. A page behind a filter may need one person out of each of a hundred parts. */
export const linesInPart = 128;
export const peopleInPart = 32;
/** Three bytes a character at most, and core/planline.ts writes the length of a text in two. */
const shortText = 5000;

const { ZSTD_c_compressionLevel: level, ZSTD_c_windowLog: windowLog, ZSTD_c_hashLog: hashLog } = constants;
const large = { params: { [level]: 1 } };
/** Most parts are a few kilobytes, and what takes long of them is the compressor's own tables: these are no larger than that. */
const smallBytes = 1 << 15;
const small = { params: { [level]: 1, [windowLog]: 15, [hashLog]: 12 }, chunkSize: 1 << 12 };
const compressed = (body: Uint8Array): Uint8Array =>
  body.length > smallBytes
    ? zstdCompressSync(body, large)
    : zstdCompressSync(body, { ...small, pledgedSrcSize: body.length });
const encoder = new TextEncoder();

export function bind({ outline, words, people, operations, strangers, gaps, index, risk }: Draft): Bound {
  const { basedOn, ...said } = outline;
  const hash = createHash('sha256').update(JSON.stringify([basedOn.mapping, basedOn.of, said, words]));
  const places: { line: Line; at: number; from: number; to: number }[] = [];
  // One behind the other: what the compressor gives is a few bytes in a large buffer, which would be kept, and sent along.
  const packed = writer(Math.max(1 << 16, index.kinds.length * 140));
  const put = (line: Line, at: number, body: Uint8Array): void => {
    const from = packed.size();
    packed.bytes(compressed(body));
    places.push({ line, at, from, to: packed.size() });
  };

  const open = writer();
  /** Each line behind its length, in parts. Gives how many there were. */
  function lines<L>(line: Line, all: Iterable<L>, write: (one: L) => void, inPart = linesInPart): number {
    let total = 0;
    const flush = (at: number): void => {
      const body = open.slice(0, open.size());
      hash.update(body);
      put(line, at, body);
      open.clear();
    };
    for (const one of all) {
      write(one);
      total += 1;
      if (total % inPart === 0) flush(total / inPart - 1);
    }
    if (open.size() > 0) flush(Math.floor(total / inPart));
    return total;
  }
  const bytes = (one: Uint8Array): void => {
    open.number(one.length);
    open.bytes(one);
  };
  // Short ones are encoded where they stay: a plan of 100,000 people has more operations than that.
  const text = (one: string): void => (one.length < shortText ? open.text(one) : bytes(encoder.encode(one)));

  const total = {
    people: lines('people', people, bytes, peopleInPart),
    operations: lines('operations', operations, text),
    strangers: lines('strangers', strangers, text),
    gaps: lines('gaps', gaps, text),
  };
  put('words', 0, encoder.encode(JSON.stringify(words)));
  put('index', 0, index.kinds);
  put('index', 1, encoder.encode([...index.texts].join('\n')));
  put('index', 2, index.gaps);
  put('index', 3, index.moved);
  let community = 0;
  for (const some of index.movements) put('movements', community++, some);
  const id = `plan-${hash.digest('hex').slice(0, 16)}`;
  const all = packed.slice(0, packed.size()).slice();
  const parts = places.map(({ from, to, ...place }): Part => ({ ...place, body: all.subarray(from, to) }));
  return { outline: { id, ...outline, total }, risk, parts };
}
