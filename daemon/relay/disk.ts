/** Every use case, with the failures of disk and file said in words (I4): a decision meets a full disk as a push does. */
import type { Handlers } from '../contract/admin.ts';
import { unavailable } from '../store/db.ts';

/** @param met told of each such failure, for `/readyz` */
export function disked(handlers: Handlers, met: (failure: unknown) => void): Handlers {
  type Handler = (input: never) => Promise<unknown>;
  const guarded = (handler: Handler) => async (input: never) => {
    try {
      return await handler(input);
    } catch (failure) {
      const trouble = unavailable(failure);
      if (trouble === undefined) throw failure;
      met(failure);
      throw trouble;
    }
  };
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, guarded(handler as Handler)]),
  ) as unknown as Handlers;
}
