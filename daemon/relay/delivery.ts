/** The use cases about what is owed to Steeple: the list, the pace, and what becomes of a dead letter (D5). */
import type { Handlers } from '../contract/admin.ts';
import type { deliveryCalls } from '../contract/delivery.ts';
import type { Forwarder } from '../forwarder.ts';
import type { Outbox } from '../store/outbox.ts';

type Parts = Readonly<{
  outbox: Outbox;
  sender: Pick<Forwarder, 'pace'>;
  changed(...what: readonly string[]): void;
  now(): number;
}>;

export function deliveryDesk({ outbox, sender, changed, now }: Parts): Pick<Handlers, keyof typeof deliveryCalls> {
  return {
    'delivery.list': ({ state, offset, limit }) => outbox.list(state, offset, limit),
    'delivery.show': ({ id }) => outbox.show(id),
    'delivery.pace': async () => sender.pace(),
    'delivery.edit': async ({ id, set, reason, by }) => {
      const row = await outbox.edit(id, set, reason, by, now());
      changed('deliveries', 'status', 'plan');
      return row;
    },
    'delivery.retry': async ({ ids, by }) => {
      const rows = await outbox.retry(ids, by, now());
      changed('deliveries', 'status');
      return rows;
    },
    'delivery.drop': async ({ id, reason, by }) => {
      const row = await outbox.drop(id, reason, by, now());
      changed('deliveries', 'status');
      return row;
    },
  };
}
