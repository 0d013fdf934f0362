/**
 * What the CLI, the app and the console may ask of the relay: one table of calls, each with the shape of its question
 * and of its answer. `POST /api/CALL` with the input as JSON answers `{ok:true,value}` or `{ok:false,code,message}`.
 *
 * Served by http/admin.ts over `admin.sock` (owner only) and, behind a session, on the console port. Times are
 * milliseconds since 1970. Secrets go in (`upstream.set`) and, once, out (`source.add`, `source.rotate`); never else.
 */
import type { z } from 'zod';
import { backupCalls } from './backup.ts';
import { bundleCalls } from './bundle.ts';
import { consoleCalls } from './console.ts';
import { deliveryCalls } from './delivery.ts';
import { draftCalls } from './draft.ts';
import { driftCalls } from './drift.ts';
import { groupCalls } from './group.ts';
import { journalCalls } from './journal.ts';
import { keyCalls } from './key.ts';
import { mappingCalls } from './mapping.ts';
import { operationsCalls } from './operations.ts';
import { peopleCalls } from './people.ts';
import { planCalls } from './plan.ts';
import { policyCalls } from './policy.ts';
import { preflightCalls } from './preflight.ts';
import { reviewCalls } from './review.ts';
import type { Said } from './said.ts';
import { sourceCalls } from './source.ts';
import { statusCalls } from './status.ts';
import { undoCalls } from './undo.ts';
import { upstreamCalls } from './upstream.ts';
import { versionCalls } from './versions.ts';

/** Every call there is. A name that is not here does not exist. */
export const calls = {
  ...statusCalls,
  ...upstreamCalls,
  ...sourceCalls,
  ...mappingCalls,
  ...versionCalls,
  ...draftCalls,
  ...planCalls,
  ...preflightCalls,
  ...reviewCalls,
  ...bundleCalls,
  ...undoCalls,
  ...policyCalls,
  ...peopleCalls,
  ...groupCalls,
  ...journalCalls,
  ...backupCalls,
  ...deliveryCalls,
  ...driftCalls,
  ...operationsCalls,
  ...consoleCalls,
  ...keyCalls,
} as const;

type Calls = typeof calls;
export type CallName = keyof Calls;
export type Input<C extends CallName> = z.infer<Calls[C]['input']>;
/** What a caller may leave out because the contract has a default. */
export type Question<C extends CallName> = z.input<Calls[C]['input']>;
export type Output<C extends CallName> = z.infer<Calls[C]['output']>;
/**
 * Through which door a call came. 'console': a browser's session, which was opened for one named person; `session` tells it
 * from others and is no secret. 'socket': the owner of the relay, who may name anybody.
 */
export type Caller = Readonly<{ via: 'console' | 'socket'; session: string }>;
/** What the relay must supply; leaving one call out is a compile error. */
export type Handlers = { readonly [C in CallName]: (input: Input<C>, caller?: Caller) => Promise<Output<C>> };
/**
 * `code` is the name of the failure's class in errors.ts, lower-case, or 'internal'. `said` has the message by the codes of
 * said.ts: the whole of it, or each of its lines, null for one that has no code.
 */
export type Failure = Readonly<{ ok: false; code: string; message: string; said?: readonly (Said | null)[] }>;
export type Reply<C extends CallName> = Readonly<{ ok: true; value: Output<C> }> | Failure;
