/**
 * The window's door to the main process: who, then what, then do. `ipcMain` comes in as an argument, so the tests need no
 * Electron. Failures leave as values with a closed code: Electron flattens what is thrown across it.
 */
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { type Channel, calls, type Failure, type Handlers, type Input, type Reply } from '../preload/contract.ts';

export type Guard = Readonly<{ trusts(event: IpcMainInvokeEvent): boolean; explain(thrown: unknown): Failure }>;

/** Answers every channel of the contract. The guard decides who may ask; the contract decides what. */
export function serve(ipc: Pick<IpcMain, 'handle'>, guard: Guard, handlers: Handlers): void {
  for (const channel of Object.keys(calls) as Channel[]) {
    ipc.handle(`relay:${channel}`, (event, raw: unknown) => answer(channel, event, raw));
  }
  async function answer<C extends Channel>(channel: C, event: IpcMainInvokeEvent, raw: unknown): Promise<Reply<C>> {
    if (!guard.trusts(event)) return { ok: false, code: 'untrusted', message: 'Only the app window may ask this' };
    const input = calls[channel].input.safeParse(raw);
    if (!input.success) return { ok: false, code: 'invalid', message: z.prettifyError(input.error) };
    try {
      return { ok: true, value: await handlers[channel](input.data as Input<C>) };
    } catch (thrown) {
      return guard.explain(thrown);
    }
  }
}
