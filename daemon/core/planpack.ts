/**
 * The parts of a plan as one row of numbers and one of bytes, for the way between two threads: thousands of views would hold up
 * whoever takes them.
 *
 * Pure. The parts share one buffer (store/binding.ts), which is handed over and not copied.
 */

/** As store/binding.ts has it. */
type Part<L> = Readonly<{ line: L; at: number; body: Uint8Array }>;
export type Packed<L> = Readonly<{ names: readonly L[]; places: Int32Array<ArrayBuffer>; all: Uint8Array }>;

export function packed<L>(parts: readonly Part<L>[]): Packed<L> {
  const names = [...new Set(parts.map(({ line }) => line))];
  const places = new Int32Array(parts.length * 4);
  for (const [at, { line, at: place, body }] of parts.entries())
    places.set([names.indexOf(line), place, body.byteOffset, body.length], at * 4);
  return { names, places, all: new Uint8Array(parts[0]?.body.buffer ?? new ArrayBuffer(0)) };
}

export function unpacked<L>({ names, places, all }: Packed<L>): Part<L>[] {
  return Array.from({ length: places.length / 4 }, (_, at) => {
    const [name = 0, place = 0, from = 0, length = 0] = places.subarray(at * 4, at * 4 + 4);
    return { line: names[name] as L, at: place, body: all.subarray(from, from + length) };
  });
}
