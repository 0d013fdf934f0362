/** Events, gathered: whoever watches is told once of a burst. */

/** Gathers what changed for a moment, so that a burst of pushes is one event. */
export function quietly(send: (what: readonly string[]) => void): (...what: readonly string[]) => void {
  const gathered = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  return (...what) => {
    for (const one of what) gathered.add(one);
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      send([...gathered]);
      gathered.clear();
    }, 200).unref();
  };
}
