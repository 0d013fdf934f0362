/** The page, drawn over a relay of a test's making (pagebridge.ts): each test begins with nothing known, in English, as Ines. */
import { act, cleanup, render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { App } from '../src/renderer/app.tsx';
import { begin, speak } from '../src/renderer/i18n/language.ts';
import { fetched } from '../src/renderer/pagefiles.ts';
import { everybody, usePlan } from '../src/renderer/plan.ts';
import { forget, start, useRelay } from '../src/renderer/store.ts';
import type { relay } from './pagebridge.ts';

let stop = () => {};
/** `turns`: those that a page takes to arrive, being a file of its own, and those of its questions. */
export async function draw(hash: string, { bridge }: Pick<ReturnType<typeof relay>, 'bridge'>, turns: number) {
  location.hash = hash;
  stop = start(bridge);
  render(<App />);
  for (let turn = 0; turn < turns; turn++) await act(async () => void (await new Promise((done) => setTimeout(done))));
  return userEvent.setup();
}

/** Ends what was drawn last, before something else is drawn in the same test. */
export const leave = (): void => stop();

/** To be called once by a file whose tests draw the page. */
export function drawsThePage(): void {
  beforeAll(async () => {
    begin();
    await Promise.all(Object.values(fetched).map((fetch) => fetch()));
  });
  beforeEach(() => {
    forget();
    speak('en');
    useRelay.setState({
      presence: 'starting',
      status: undefined,
      heardAt: undefined,
      beat: 0,
      me: 'Ines',
      drafts: new Map(),
    });
    usePlan.setState({ loaded: undefined, failure: undefined, making: false, filter: everybody });
  });
  afterEach(() => {
    stop();
    cleanup();
  });
}
