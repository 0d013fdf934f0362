/** What the servers that the relay is measured against have in common: their one answer, and how they are asked what they cost. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const answer = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  id: '7eadd8da-a4df-47aa-bfb9-fa571f788579',
  userName: 'ada.lovelace@example.test',
  externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
  active: true,
  displayName: 'Ada Lovelace',
  emails: [{ primary: true, type: 'work', value: 'ada.lovelace@example.test' }],
  name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
  meta: { resourceType: 'User', location: 'http://127.0.0.1/scim/v2/Users/7eadd8da-a4df-47aa-bfb9-fa571f788579' },
};

/** Listens on a free port, tells whoever forked this process where, and what it has spent when asked; ends with them. */
export function serve(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 1e6 });
  });
  process.on('disconnect', () => process.exit(0));
}
