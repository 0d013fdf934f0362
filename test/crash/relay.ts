/**
 * The whole relay as `start` runs it, with a way to die: with CRASH_AT=n it kills itself at the n-th crash point, which lie
 * right before and right after each commit. The points are put in here, around SQLite's own transactions; the product knows
 * nothing of them.
 */
import Sqlite from 'better-sqlite3';

const at = Number(process.env.CRASH_AT ?? 0);
let points = 0;
function point(): void {
  points += 1;
  if (points === at) process.kill(process.pid, 'SIGKILL');
}

type Work = (...args: unknown[]) => unknown;
type Transaction = Work & { immediate: Work; deferred: Work; exclusive: Work };
const prototype = Sqlite.prototype as unknown as { transaction(work: Work): Transaction };
const original = prototype.transaction;
prototype.transaction = function transaction(work) {
  const inner = original.call(this, (...args: unknown[]) => {
    const result = work(...args);
    point();
    return result;
  });
  const outer =
    (run: Work): Work =>
    (...args) => {
      const result = run(...args);
      point();
      return result;
    };
  return Object.assign(outer(inner), {
    immediate: outer(inner.immediate),
    deferred: outer(inner.deferred),
    exclusive: outer(inner.exclusive),
  });
};

const { start } = await import('../../daemon/main.ts');
const here = { host: '127.0.0.1', port: 0 };
const relay = await start({
  data: process.argv[2] ?? '.',
  scim: here,
  console: here,
  allowPlainHttpOffLoopback: false,
  logLevel: 'silent',
});
process.send?.({ url: relay.scim });
process.on('disconnect', () => void relay.stop().then(() => process.exit(0)));
