/**
 * What the whole page shares: whether the relay is there, what it last said of itself, who is at the keyboard, and what
 * was typed. Nothing here is dropped when the relay goes away: what is shown stays, and so does what was typed.
 *
 * One store, one bridge. Components read by small selectors; what only one page needs is asked by `useAnswer`.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import type { Status } from '../../daemon/contract/status.ts';
import type { Attached, Failure, Output, Question, Relayed, Reply } from '../preload/contract.ts';
import { taken } from './ahead.ts';
import type { Bridge } from './bridge.ts';

/** `starting`: nothing heard yet. `out`: the relay is there, and does not know this browser. */
export type Presence = 'starting' | 'here' | 'away' | 'out';

export type State = Readonly<{
  bridge: Bridge;
  presence: Presence;
  status: Status | undefined;
  /** When the relay last answered, for "this is what was known at …". */
  heardAt: number | undefined;
  attached: Attached | undefined;
  /** Counts what was heard to change; whoever shows something asks again when it moves. */
  beat: number;
  /** The name decisions are recorded under. */
  me: string;
  /** It is the session's, and not to be typed over. */
  named: boolean;
  setMe(name: string): void;
  /** Reasons typed and not sent yet, by what they are about. */
  drafts: ReadonlyMap<string, string>;
  setDraft(about: string, text: string): void;
  /** A status that came as the answer to something else. */
  setStatus(status: Status): void;
  /** The call, with what its answer says about the relay's presence taken note of. */
  call<C extends Relayed>(name: C, question: Question<C>): Promise<Reply<C>>;
}>;

const remembered = 'steeple-companion.me';
const nowhere = (): never => {
  throw new Error('the page was not started');
};

export const useRelay = create<State>()((set, get) => ({
  bridge: {
    enter: nowhere,
    call: nowhere,
    listen: nowhere,
    going: nowhere,
    open: nowhere,
    attached: nowhere,
    named: nowhere,
  },
  presence: 'starting',
  status: undefined,
  heardAt: undefined,
  attached: undefined,
  beat: 0,
  named: false,
  me: localStorage.getItem(remembered) ?? '',
  setMe(me) {
    localStorage.setItem(remembered, me);
    set({ me });
  },
  drafts: new Map(),
  setDraft(about, text) {
    const drafts = new Map(get().drafts);
    if (text === '') drafts.delete(about);
    else drafts.set(about, text);
    set({ drafts });
  },
  setStatus(status) {
    set({ status });
  },
  async call(name, question) {
    const reply = await (taken(name, question) ?? get().bridge.call(name, question));
    set(toldBy(reply));
    return reply;
  },
}));

/** What an answer says about the relay's presence. */
function toldBy(reply: Readonly<{ ok: true }> | Failure): Partial<State> {
  if (reply.ok || (reply.code !== 'offline' && reply.code !== 'unauthorized'))
    return { presence: 'here', heardAt: Date.now() };
  return { presence: reply.code === 'offline' ? 'away' : 'out' };
}

export const statusOf = ({ status }: State): Status | undefined => status;
export const isAway = ({ presence }: State): boolean => presence === 'away';

// A bulk push says "changed" hundreds of times a second; twice a second is as much as a person can read.
const settleMs = 500;
const retryMs = 3_000;

/** Starts the conversation, once this browser has `entered`. The function it gives back ends it. */
export function start(bridge: Bridge, entered = bridge.enter()): () => void {
  useRelay.setState({ bridge });
  let due: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  /** @param news whether something may have changed that the status does not say */
  async function ask(news = true): Promise<void> {
    const reply = await (taken('status', {}) ?? bridge.call('status', {}));
    if (stopped) return;
    const { status, beat } = useRelay.getState();
    const isNew = reply.ok && (news || JSON.stringify(status) !== JSON.stringify(reply.value));
    // All of it at once: a page that is shown by the first answer must not ask, and ask again for the beat.
    useRelay.setState({ ...toldBy(reply), ...(isNew && { status: reply.value, beat: beat + 1 }) });
  }
  function soon(ms: number): void {
    if (stopped || due !== undefined) return;
    due = setTimeout(() => {
      due = undefined;
      void ask();
    }, ms);
  }

  // A new ticket pasted into this very tab changes only the fragment, which loads nothing anew.
  const ticketed = () => {
    if (!location.hash.startsWith('#ticket=')) return;
    void bridge.enter().then(async () => {
      await ask();
      const name = await bridge.named();
      if (name !== undefined) useRelay.setState({ me: name, named: true });
    });
  };
  window.addEventListener('hashchange', ticketed);

  // A call that found nobody says so at once, and nothing else may ever happen here: it is asked until somebody answers.
  const endMissing = useRelay.subscribe(({ presence }) => {
    if (presence === 'away') soon(retryMs);
  });
  const endGoing = bridge.going((route) => {
    location.hash = route;
  });
  let end = () => {};
  void entered.then(async () => {
    await ask();
    const attached = await bridge.attached();
    const name = await bridge.named();
    if (name !== undefined) useRelay.setState({ me: name, named: true });
    if (attached !== undefined) useRelay.setState(({ me }) => ({ attached, me: me || attached.person }));
    if (stopped) return;
    let listens = false;
    end = bridge.listen((heard) => {
      if (heard === 'here' && !listens) {
        listens = true;
        // Between the first answer and now something may have changed. Mostly nothing has, and nothing is asked anew.
        if (useRelay.getState().presence === 'here') return void ask(false);
      }
      if (heard === 'here') {
        clearTimeout(due); // it is back: no reason to wait for the next try
        due = undefined;
      }
      // A stream that ends is not proof: the session may be over, or a proxy tired. Asking tells.
      soon(heard === 'changed' ? settleMs : 0);
    });
  });
  return () => {
    stopped = true;
    clearTimeout(due);
    window.removeEventListener('hashchange', ticketed);
    endMissing();
    endGoing();
    end();
  };
}

export type Answer<C extends Relayed> = Readonly<{
  /** The last answer to this very question; it stays while a newer one is asked, and when that one fails. */
  value: Output<C> | undefined;
  failure: Failure | undefined;
  asking: boolean;
  again(): void;
}>;

/**
 * The last answers, by question: a page that is opened again shows at once what it showed, also while the relay is away.
 * Only so many, the oldest go; and one answer may be as long as a list.
 */
const known = new Map<string, unknown>();
const mostKnown = 40;
function learn(key: string, value: unknown): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
}
/** For another relay, or another test: what was known of the one before says nothing. */
export const forget = (): void => known.clear();

/** Several that show the same thing ask it in the same moment: one asking is enough. */
const underway = new Map<string, Promise<unknown>>();
function together<R>(about: string, ask: () => Promise<R>): Promise<R> {
  const asked = (underway.get(about) as Promise<R> | undefined) ?? ask().finally(() => underway.delete(about));
  underway.set(about, asked);
  return asked;
}

/**
 * Asks now, whenever something changed (`live`), and when told to. `undefined` as the question asks nothing.
 * @param basis what the answer rests on beside the question: asked again when it is another
 */
export function useAnswer<C extends Relayed>(
  name: C,
  question: Question<C> | undefined,
  live = true,
  basis: string | number = '',
): Answer<C> {
  const call = useRelay((state) => state.call);
  const beat = useRelay((state) => (live ? state.beat : 0));
  const key = question === undefined ? undefined : JSON.stringify(question);
  const [got, setGot] = useState<{ key: string; value?: Output<C>; failure?: Failure }>();
  const [asking, setAsking] = useState(false);
  const [again, setAgain] = useState(0);
  const turn = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: beat, again and basis are what makes it ask once more
  useEffect(() => {
    if (key === undefined) return;
    turn.current += 1;
    const mine = turn.current;
    setAsking(true);
    const ask = () => call(name, JSON.parse(key) as Question<C>);
    const about = [name, key, basis, useRelay.getState().beat].join(' ');
    void (again === 0 ? together(about, ask) : ask()).then((reply) => {
      if (mine !== turn.current) return; // an older question answered late
      setAsking(false);
      if (reply.ok) learn(`${name} ${key}`, reply.value);
      setGot((before) => {
        if (reply.ok) return { key, value: reply.value };
        return before?.key === key && before.value !== undefined
          ? { key, value: before.value, failure: reply }
          : { key, failure: reply };
      });
    });
  }, [call, name, key, beat, again, basis]);

  const mine = got !== undefined && got.key === key ? got : undefined;
  return {
    value: mine?.value ?? (key === undefined ? undefined : (known.get(`${name} ${key}`) as Output<C> | undefined)),
    failure: mine?.failure,
    asking,
    again: useCallback(() => setAgain((count) => count + 1), []),
  };
}

/** While a new filter is being asked, the last answer stays in the list instead of an empty one. */
export function useKept<A extends Readonly<{ value: unknown }>>(answer: A): A {
  const [kept, setKept] = useState(answer);
  if (answer.value !== undefined && answer !== kept && answer.value !== kept.value) setKept(answer);
  return answer.value === undefined ? { ...answer, value: kept.value } : answer;
}
