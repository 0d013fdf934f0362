/** How many elements the array methods and iterations of a piece of code go over: work that can be counted, not timed. */
const counted = [
  'map',
  'flatMap',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'some',
  'every',
  'reduce',
  'includes',
  'indexOf',
  'forEach',
  'values',
] as const;

export function stepsOf(work: () => unknown): number {
  let steps = 0;
  const prototype = Array.prototype as unknown as Record<
    string | symbol,
    (this: unknown[], ...rest: unknown[]) => unknown
  >;
  const names = [...counted, Symbol.iterator];
  const originals = new Map(names.map((name) => [name, prototype[name] as (typeof prototype)[string]]));
  try {
    for (const [name, original] of originals.entries())
      prototype[name] = function (...rest) {
        steps += this.length;
        return original.apply(this, rest);
      };
    work();
  } finally {
    for (const [name, original] of originals.entries()) prototype[name] = original;
  }
  return steps;
}
