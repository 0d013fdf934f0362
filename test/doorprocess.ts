/** The SCIM door in a process of its own, on a database in the folder named by the argument: to be measured, or killed. */
import { join } from 'node:path';
import { openDoor } from './door.ts';

const door = await openDoor(join(process.argv[2] ?? '.', 'relay.db'));
process.send?.({ url: door.base });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({
    cpuMs: (user + system) / 1000,
    rssMb: process.memoryUsage.rss() / 1e6,
    commits: door.batches.length,
  });
});
process.on('disconnect', () => process.exit(0));
