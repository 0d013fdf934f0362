/**
 * The page's one way to the relay, whichever door it came through: `window.relay` in the app, the console's own origin in
 * a browser. Both answer the same calls with the same values; a failure is a value here, never a throw.
 *
 * In a browser a session is opened by the one-time ticket that `steeple-relay console` prints, carried in the fragment
 * (`#ticket=…`), which no server log sees. It is taken out of the address bar before anything else is done with it.
 */
import type { Attached, Door, Failure, Heard, Question, Relayed, Reply } from '../preload/contract.ts';
import { addressOf, type Link } from '../preload/links.ts';

export type Bridge = Readonly<{
  /** Trades a ticket for a session, where there is one. To be called, and waited for, before anything else. */
  enter(): Promise<void>;
  call<C extends Relayed>(name: C, question: Question<C>): Promise<Reply<C>>;
  /** Says when the relay is there, when it is gone, and when something changed. Ends with the function it gives back. */
  listen(listener: (heard: Heard) => void): () => void;
  /** Told when the app wants a page of ours shown. In a browser nobody does. */
  going(listener: (route: string) => void): () => void;
  /** Opens a named place outside; false where there is none. */
  open(link: Link, upstream: string | null): Promise<boolean>;
  /** Which relay the app is attached to; undefined in a browser, where the address bar says it. */
  attached(): Promise<Attached | undefined>;
  /** Whose session this is: the relay records what is done in it under that name, whatever the page says. */
  named(): Promise<string | undefined>;
  /** What only the app can do; undefined in a browser. */
  app?: AppDoor;
}>;
export type AppDoor = Readonly<{
  preferences(): Promise<Reply<'app.preferences'>>;
  prefer(change: Question<'app.prefer'>): Promise<Reply<'app.prefer'>>;
  update(): Promise<Reply<'app.update'>>;
  connect(to: Readonly<{ url: string; key: string }> | null): Promise<Reply<'app.connect'>>;
}>;

export function appBridge(door: Door): Bridge {
  return {
    enter: async () => {},
    call: (name, question) => door.call(name, question) as Promise<never>,
    listen: (listener) => door.listen(listener),
    going: (listener) => door.going(listener),
    async open(link) {
      const reply = await door.call('app.open', { link });
      return reply.ok && reply.value;
    },
    async attached() {
      const reply = await door.call('app.daemon', {});
      return reply.ok ? reply.value : undefined;
    },
    named: async () => undefined,
    app: {
      preferences: () => door.call('app.preferences', {}),
      prefer: (change) => door.call('app.prefer', change),
      update: () => door.call('app.update', {}),
      connect: (to) => door.call('app.connect', { to }),
    },
  };
}

const offline = (): Failure => ({ ok: false, code: 'offline', message: '' });
const againMs = 3_000;

export function browserBridge(): Bridge {
  return {
    async enter() {
      const ticket = /^#ticket=(.+)$/.exec(location.hash)?.[1];
      if (ticket === undefined) return;
      history.replaceState(null, '', location.pathname);
      // A refused ticket shows in the first call's answer: there is no session.
      await send('/session', { ticket: decodeURIComponent(ticket) });
    },
    call: (name, question) => send(`/api/${name}`, question) as Promise<never>,
    listen(listener) {
      let stream: EventSource | undefined;
      let again: ReturnType<typeof setTimeout> | undefined;
      const connect = () => {
        stream = new EventSource('/api/events');
        stream.onopen = () => listener('here');
        stream.onmessage = () => listener('changed');
        stream.onerror = () => {
          listener('away');
          // A browser tries again by itself after a lost connection, but not after an answer that is no stream.
          if (stream?.readyState === EventSource.CLOSED) again = setTimeout(connect, againMs);
        };
      };
      connect();
      return () => {
        clearTimeout(again);
        stream?.close();
      };
    },
    going: () => () => {},
    async open(link, upstream) {
      const address = addressOf(link, upstream);
      if (address !== undefined) window.open(address, '_blank', 'noopener,noreferrer');
      return address !== undefined;
    },
    attached: async () => undefined,
    async named() {
      try {
        const answer = (await (await fetch('/session')).json()) as { value?: { name?: unknown } };
        return typeof answer.value?.name === 'string' ? answer.value.name : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

async function send(path: string, body: unknown): Promise<unknown> {
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer: unknown = await response.json().catch(() => undefined);
    if (typeof answer === 'object' && answer !== null && 'ok' in answer) return answer;
    return response.ok ? { ok: true, value: answer } : offline();
  } catch {
    return offline();
  }
}

declare global {
  interface Window {
    readonly relay?: Door;
  }
}
