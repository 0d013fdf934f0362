/** How long something took, and the longest turn of the loop meanwhile: so long a push had to wait. */
export type Taken = Readonly<{ ms: number; cpu: number; blocksMs: number; blocksCpu: number }>;

/** CPU time of this thread, in milliseconds: others on the machine do not stretch it. */
export const cpuNow = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

export async function timed(work: () => Promise<unknown>): Promise<Taken> {
  const longest = { ms: 0, cpu: 0 };
  let running = true;
  let last = { ms: performance.now(), cpu: cpuNow() };
  const watch = () => {
    const now = { ms: performance.now(), cpu: cpuNow() };
    longest.ms = Math.max(longest.ms, now.ms - last.ms);
    longest.cpu = Math.max(longest.cpu, now.cpu - last.cpu);
    last = now;
    if (running) setImmediate(watch);
  };
  await new Promise((turn) => setImmediate(turn));
  const begun = { ms: performance.now(), cpu: cpuNow() };
  last = begun;
  setImmediate(watch);
  await work();
  const [ms, cpu] = [performance.now() - begun.ms, cpuNow() - begun.cpu];
  running = false;
  await new Promise((turn) => setImmediate(turn));
  return { ms, cpu, blocksMs: longest.ms, blocksCpu: longest.cpu };
}
