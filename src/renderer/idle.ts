/** For what can wait until the browser has drawn what it has, and has nothing else to do. */
const latestMs = 2_000;

/** The function it gives back takes it away. */
export function whenIdle(does: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const waiting = requestIdleCallback(does, { timeout: latestMs });
    return () => cancelIdleCallback(waiting);
  }
  const waiting = setTimeout(does, 1); // Safari has no such thing
  return () => clearTimeout(waiting);
}
