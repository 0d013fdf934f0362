/** The floor of deliver.ts: creates users over our own client, so many in flight, and remembers nothing. */
import { steeple } from '../../daemon/steeple.ts';

const [url = '', inFlight = '8'] = process.argv.slice(2);
const client = steeple({ url, token: 'sink', connections: Number(inFlight) });
const body = { userName: 'person@example.test', displayName: 'Person', active: true };
await Promise.all(
  Array.from({ length: Number(inFlight) }, async () => {
    for (;;) await client.createUser(body);
  }),
);
