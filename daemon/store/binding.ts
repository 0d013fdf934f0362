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

/** Lines in a part. A page behind a filter may need one line out of each of a hundred parts. */
export const linesInPart = 128;

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const encoder = new TextEncoder();

export function bind({ outline, words, people, operations, strangers, gaps, index, risk }: Draft): Bound {
  const { basedOn, ...said } = outline;
  const hash = createHash('sha256').update(JSON.stringify([basedOn.mapping, basedOn.of, said, words]));
  const parts: Part[] = [];
  const put = (line: Line, at: number, body: Uint8Array) =>
    parts.push({ line, at, body: zstdCompressSync(body, options) });

  /** Each line behind its length. Gives how many there were. */
  function lines(line: Line, all: Iterable<Uint8Array>): number {
    let total = 0;
    let open = writer();
    for (const one of all) {
      hash.update(one);
      open.number(one.length);
      open.bytes(one);
      total += 1;
      if (total % linesInPart !== 0) continue;
      put(line, total / linesInPart - 1, open.slice(0, open.size()));
      open = writer();
    }
    if (open.size() > 0) put(line, Math.floor(total / linesInPart), open.slice(0, open.size()));
    return total;
  }
  function* texts(all: Iterable<string>): Generator<Uint8Array> {
    for (const text of all) yield encoder.encode(text);
  }

  const total = {
    people: lines('people', people),
    operations: lines('operations', texts(operations)),
    strangers: lines('strangers', texts(strangers)),
    gaps: lines('gaps', texts(gaps)),
  };
  put('words', 0, encoder.encode(JSON.stringify(words)));
  put('index', 0, index.kinds);
  put('index', 1, encoder.encode(index.text));
  put('index', 2, index.gaps);
  let community = 0;
  for (const some of index.movements) put('movements', community++, some);
  const id = `plan-${hash.digest('hex').slice(0, 16)}`;
  return { outline: { id, ...outline, total }, risk, parts };
}
