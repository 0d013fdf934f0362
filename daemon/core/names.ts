/**
 * userNames that change hands (P4). Steeple takes a name for one account at a time, so what frees a name must be sent
 * before what takes it; a ring of people who pass their names round needs one of them to step aside first; and a name
 * that nobody in the plan gives up cannot be taken at all.
 *
 * Pure. Names are folded (core/directory.ts). What is done about it: core/plan.ts. Near-linear: every move is visited a
 * fixed number of times, however long the chains are (P7).
 */

/** A write that gives up one name, needs another, or both. */
export type Move = Readonly<{ person: number; frees?: string; takes?: string }>;

const givers = <M extends Move>(moves: readonly M[]): Map<string, M> =>
  new Map(moves.flatMap((move): [string, M][] => (move.frees === undefined ? [] : [[move.frees, move]])));

/**
 * The people whose name will not come free, each with the name at the root of it: the account of somebody who does not
 * move has it, or somebody who is stuck themselves. `holders` knows which names an account of ours has now.
 */
export function stuckNames(
  moves: readonly Move[],
  holders: Pick<ReadonlySet<string>, 'has'>,
): ReadonlyMap<number, string> {
  const giver = givers(moves);
  /** `undefined`: looked at, and free to move. */
  const root = new Map<number, string | undefined>();
  for (const move of moves) {
    const chain: Move[] = [];
    let end: string | undefined;
    for (let here: Move | undefined = move; here; ) {
      if (root.has(here.person)) {
        end = root.get(here.person);
        break;
      }
      root.set(here.person, undefined); // met again in this walk, it is a ring, and a ring can move
      chain.push(here);
      if (here.takes === undefined) break;
      const next = giver.get(here.takes);
      if (next === undefined && holders.has(here.takes)) end = here.takes;
      here = next;
    }
    for (const { person } of chain) root.set(person, end);
  }
  return new Map(
    [...root].flatMap(([person, name]): [number, string][] => (name === undefined ? [] : [[person, name]])),
  );
}

/** Puts what frees a name before what takes it. `aside` splits a move of a ring: off to a name nobody has, and on from it. */
export function inNameOrder<M extends Move>(moves: readonly M[], aside: (move: M) => Readonly<{ off: M; on: M }>): M[] {
  const giver = givers(moves);
  const done = new Set<number>();
  const first: M[] = [];
  const rest: M[] = [];
  for (const move of moves) {
    // Follow the names: who gives up the one this move takes, who gives up the one that move takes, and so on.
    const chain = new Map<number, M>();
    let here: M | undefined = move;
    while (here && !done.has(here.person) && !chain.has(here.person)) {
      chain.set(here.person, here);
      here = here.takes === undefined ? undefined : giver.get(here.takes);
    }
    if (here && chain.has(here.person)) {
      const { off, on } = aside(here);
      first.push(off);
      chain.set(here.person, on);
    }
    for (const [person, link] of [...chain].reverse()) {
      rest.push(link);
      done.add(person);
    }
  }
  return [...first, ...rest];
}
