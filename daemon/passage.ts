/**
 * What crosses between the SCIM door's own thread and the relay's: calls and their answers, and both ends of each.
 *
 * Many at a time: whatever one turn of a loop has to say goes as one message, or passing it would cost more than saying it.
 * For the same reason what every push carries crosses as values by place, not by name, and a body as its text. A refusal
 * crosses as data and is the same refusal on the other side: status, scimType, words, and when to come back.
 *
 * Laws: I1 (an answer crosses when it is one), I4. Not here: the threads themselves (doorkeeper.ts, doorworker.ts).
 */
import type { ResourceKind, ScimType } from './contract/scim.ts';
import { RelayError, unknownToken } from './errors.ts';
import type { Answer, Letter, Provider, Search, Spoilt, View } from './provider.ts';
import type { Guard } from './store/sources.ts';

/** As it crosses; `status` is there where a person can act on it. */
export type Carried = Readonly<{
  name: string;
  message: string;
  stack?: string | undefined;
  code?: string | undefined;
  status?: number;
  scimType?: ScimType | undefined;
  retryAfter?: number | undefined;
  cause?: Carried;
}>;
type Shown = readonly [base: string, attributes: View['attributes'], excluded: View['excludedAttributes']];
type Unread = Omit<Spoilt, 'reason'> & Readonly<{ reason: Carried }>;
export type Opening = Readonly<{
  host: string;
  port: number;
  graceMs: number | undefined;
  pems: Pems | undefined;
  trustProxy: false | readonly string[];
  guard: Guard;
  /** The relay's time: the door's is never behind it. */
  now: number;
}>;
export type Pems = Readonly<{ cert: Uint8Array; key: Uint8Array; ca?: Uint8Array }>;

/** What a source asks, with a number that its answer will have. */
type Call =
  | readonly [
      what: 'push',
      call: number,
      source: string,
      method: Letter['method'],
      kind: ResourceKind,
      id: string | undefined,
      text: string | undefined,
      bytes: number,
      sha256: string | undefined,
      ifMatch: string | undefined,
      ifNoneMatch: string | undefined,
      ...view: Shown,
    ]
  | readonly [what: 'refuse', call: number, source: string, item: Unread]
  | readonly [what: 'get', call: number, source: string, kind: ResourceKind, id: string, ...view: Shown]
  | readonly [what: 'search', call: number, source: string, asked: Search, ...view: Shown];
/** From the door to the relay. */
export type Upward =
  | Call
  | readonly [what: 'seen', source: string]
  | readonly [what: 'refused', source: string, detail: string]
  | readonly [what: 'report', cause: Carried, about: string]
  | readonly [what: 'listening', url: string]
  | readonly [what: 'unable', cause: Carried]
  | readonly [what: 'guarded', change: number]
  | readonly [what: 'closed'];
/** From the relay to the door. */
export type Downward =
  | readonly [
      what: 'answer',
      call: number,
      status: number,
      text: string | undefined,
      version: number | undefined,
      location: string | undefined,
    ]
  | readonly [what: 'failure', call: number, cause: Carried]
  | readonly [what: 'open', opening: Opening]
  | readonly [what: 'guard', change: number, guard: Guard, now: number]
  | readonly [what: 'pems', pems: Pems]
  | readonly [what: 'close'];

/**
 * Sends what was said together. `later` says when that is: at the door once the loop has read its sockets, on the relay's
 * thread once those who shared a commit have all been answered.
 */
export function gathered<T>(send: (items: readonly T[]) => void, later: (work: () => void) => void) {
  let waiting: T[] = [];
  const flush = () => {
    const items = waiting;
    waiting = [];
    if (items.length > 0) send(items);
  };
  return {
    say(item: T): void {
      if (waiting.push(item) === 1) later(flush);
    },
    flush,
  };
}

/** A refusal that was made on the other thread. */
class Restored extends RelayError {
  readonly status: number;
  override readonly scimType: ScimType;
  override readonly retryAfter: number;
  constructor({ status = 500, scimType, retryAfter, message }: Carried, options: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.scimType = scimType as ScimType; // absent where it was absent, as in the class that it stands for
    this.retryAfter = retryAfter as number;
  }
}

/** A chain of causes can loop; five deep has always been enough to find the root. */
export function carried(thrown: unknown, depth = 0): Carried {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  const { name, message, stack, cause } = thrown;
  const deeper = cause !== undefined && depth < 5 ? { cause: carried(cause, depth + 1) } : {};
  if (thrown instanceof RelayError) {
    const { status, scimType, retryAfter } = thrown;
    const refusal = { name, message, status, scimType, retryAfter };
    return status < 500 ? refusal : { ...refusal, stack, ...deeper };
  }
  return { name, message, stack, ...('code' in thrown && { code: String(thrown.code) }), ...deeper };
}

export function restored(data: Carried): Error {
  const options = data.cause && { cause: restored(data.cause) };
  const error = data.status === undefined ? new Error(data.message, options) : new Restored(data, options ?? {});
  error.name = data.name;
  if (data.stack !== undefined) error.stack = data.stack;
  return data.code === undefined ? error : Object.assign(error, { code: data.code });
}

const shownOf = ({ base, attributes, excludedAttributes }: View): Shown => [base, attributes, excludedAttributes];
const viewOf = (...[base, attributes, excludedAttributes]: Shown): View => ({ base, attributes, excludedAttributes });

/** The relay's use cases as the door's thread has them: each asks, and waits for its answer. */
export function asking(say: (call: Call) => void) {
  let last = 0;
  const open = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  const ask = (make: (call: number) => Call) =>
    new Promise<Answer>((resolve, reject) => {
      last += 1;
      open.set(last, { resolve, reject });
      say(make(last));
    });
  function taken(call: number) {
    const waiting = open.get(call);
    open.delete(call);
    return waiting;
  }

  const provider: Provider = {
    // Which connection it came over does not cross: nobody is waited for (intake.ts) where sockets are read during a flush.
    push: ({ source, method, kind, id, sent, ifMatch, ifNoneMatch }, view) =>
      ask((call) => [
        'push',
        call,
        source,
        method,
        kind,
        id,
        sent?.text,
        sent?.bytes ?? 0,
        sent?.sha256,
        ifMatch,
        ifNoneMatch,
        ...shownOf(view),
      ]),
    refuse: (item) =>
      ask((call) => ['refuse', call, item.source, { ...item, reason: carried(item.reason) }]) as Promise<never>,
    get: (source, kind, id, view) => ask((call) => ['get', call, source, kind, id, ...shownOf(view)]),
    search: (asked, view) => ask((call) => ['search', call, asked.source, asked, ...shownOf(view)]),
  };
  return {
    provider,
    answered: (...[, call, status, text, version, location]: Extract<Downward, readonly ['answer', ...unknown[]]>) =>
      taken(call)?.resolve({
        status,
        ...(text !== undefined && { text }),
        ...(version !== undefined && { version }),
        ...(location !== undefined && { location }),
      }),
    failed: (call: number, cause: Carried) => taken(call)?.reject(restored(cause)),
  };
}

const calls: ReadonlySet<string> = new Set(['push', 'refuse', 'get', 'search'] satisfies Call[0][]);
export const isCall = (item: Upward): item is Call => calls.has(item[0]);

/** Answers the door's calls on the relay's thread. `isKnown`: whether the source may still push; `failed`: told of bugs and 503s. */
export function answering(provider: Provider, isKnown: (source: string) => boolean, failed: (cause: unknown) => void) {
  function done(call: Call): Promise<Answer> {
    switch (call[0]) {
      case 'push': {
        const [, , source, method, kind, id, text, bytes, sha256, ifMatch, ifNoneMatch, ...view] = call;
        const letter: Letter = {
          source,
          method,
          kind,
          ...(id !== undefined && { id }),
          ...(text !== undefined && { sent: { text, bytes, ...(sha256 !== undefined && { sha256 }) } }),
          ...(ifMatch !== undefined && { ifMatch }),
          ...(ifNoneMatch !== undefined && { ifNoneMatch }),
        };
        return provider.push(letter, viewOf(...view));
      }
      case 'refuse': {
        const { reason, ...item } = call[3];
        return provider.refuse({ ...item, reason: restored(reason) as RelayError });
      }
      case 'get': {
        const [, , source, kind, id, ...view] = call;
        return provider.get(source, kind, id, viewOf(...view));
      }
      case 'search': {
        const [, , , asked, ...view] = call;
        return provider.search(asked, viewOf(...view));
      }
    }
  }
  return async (call: Call): Promise<Downward> => {
    try {
      // The door let it in; since then it may have been revoked.
      if (!isKnown(call[2])) throw unknownToken();
      const { status, text, version, location } = await done(call);
      return ['answer', call[1], status, text, version, location];
    } catch (cause) {
      if (!(cause instanceof RelayError) || cause.status >= 500) failed(cause);
      return ['failure', call[1], carried(cause)];
    }
  };
}
