/**
 * Clearing: forgets deliveries that are long over, by the policy's `deliveryDays`, a thousand at a time with a turn of the
 * loop between. Looked at once a day; where nothing is old enough, nothing is written.
 */
import type { Outbox } from '../store/outbox.ts';
import type { Settings } from '../store/settings.ts';

const day = 86_400_000;
const firstMs = 600_000;

export function clearing(
  parts: Readonly<{
    outbox: Pick<Outbox, 'clear'>;
    settings: Settings;
    now(): number;
    failed(cause: unknown): void;
  }>,
) {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function clear(): Promise<void> {
    const days = parts.settings.get('policy').deliveryDays;
    if (days === 0) return;
    const before = parts.now() - days * day;
    for (let from: number | undefined = 0; from !== undefined && !stopped; ) {
      from = await parts.outbox.clear(before, from);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const wind = (ms: number) => {
    timer = setTimeout(() => {
      clear()
        .catch(parts.failed)
        .finally(() => stopped || wind(day));
    }, ms).unref();
  };
  return {
    clear,
    start: (): void => wind(firstMs),
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
