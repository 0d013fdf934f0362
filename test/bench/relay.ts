/** The whole relay as `start` runs it, in a process of its own, on the folder named by the argument. */
import { start } from '../../daemon/main.ts';

const at = { host: '127.0.0.1', port: 0 };
const relay = await start({
  data: process.argv[2] ?? '.',
  scim: at,
  console: at,
  allowPlainHttpOffLoopback: false,
  logLevel: 'silent',
});
process.send?.({ url: relay.scim });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.(); // where it was started with --expose-gc: what is left is kept
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ cpuMs: (user + system) / 1000, rssMb: rss / 1e6, heapMb: heapUsed / 1e6 });
});
process.on('disconnect', () => void relay.stop().then(() => process.exit(0)));
