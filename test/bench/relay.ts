/**
 * The whole relay as `start` runs it, in a process of its own, on the folder named by the argument; and on another one, in
 * the same process, when it is told to: what is compiled by then is compiled, and what was received is not there.
 */
import { start } from '../../daemon/main.ts';

const at = { host: '127.0.0.1', port: 0 };
const on = (data: string) =>
  start({ data, scim: at, console: at, allowPlainHttpOffLoopback: false, logLevel: 'silent' });
let relay = await on(process.argv[2] ?? '.');
process.send?.({ url: relay.scim });
process.on('message', async (message: 'usage' | Readonly<{ folder: string }>) => {
  if (message !== 'usage') {
    await relay.stop();
    relay = await on(message.folder);
    process.send?.({ url: relay.scim });
    return;
  }
  const { user, system } = process.cpuUsage();
  globalThis.gc?.(); // where it was started with --expose-gc: what is left is kept
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ cpuMs: (user + system) / 1000, rssMb: rss / 1e6, heapMb: heapUsed / 1e6 });
});
process.on('disconnect', () => void relay.stop().then(() => process.exit(0)));
