// @vitest-environment happy-dom
/** The mapping's store: a change shows at once and is asked for; whatever the relay answers, and however late, stands. */
import { beforeEach, expect, test } from 'vitest';
import type { Board } from '../daemon/contract/draft.ts';
import type { LinkKey } from '../daemon/contract/mapping.ts';
import type { Reply } from '../src/preload/contract.ts';
import { linkKey, useMapping } from '../src/renderer/mapping.ts';
import { useRelay } from '../src/renderer/store.ts';
import { refused } from './pagebridge.ts';

const key = (groupId: string, role = 'contributor'): LinkKey => ({ source: 'entra', groupId, community: 'hall', role });
const shown = () => useMapping.getState().links.map(({ groupId, state }) => `${groupId} ${state}`);

/** Answers are given when the test says so, in the order it says. */
let open: { name: string; question: unknown; answer(value: unknown): void }[];
let links: LinkKey[];
const board = () =>
  ({
    links: links.map((link) => ({ ...link, group: link.groupId, people: 3, rule: null, broken: false, isNew: false })),
    removed: [],
  }) as unknown as Board;
const turn = () => new Promise((done) => setTimeout(done));
async function answer(name: string, value: unknown): Promise<void> {
  const at = open.findIndex((one) => one.name === name);
  expect(at, `${name} was asked`).toBeGreaterThanOrEqual(0);
  open.splice(at, 1)[0]?.answer(value);
  await turn();
}
/** One whole asking: the board, the groups, the communities. */
async function answerBoard(): Promise<void> {
  await answer('mapping.board', board());
  await answer('mapping.groups', { items: [], total: 0 });
  await answer('mapping.communities', { items: [], total: 0 });
}

beforeEach(async () => {
  open = [];
  links = [key('a')];
  useMapping.setState({ board: undefined, groups: [], communities: [], links: [], failure: undefined, done: [] });
  const call = (name: string, question: unknown) =>
    new Promise<Reply<never>>((done) => {
      const answer = (value: unknown) =>
        done(
          (typeof value === 'object' && value !== null && 'ok' in value ? value : { ok: true, value }) as Reply<never>,
        );
      open.push({ name, question, answer });
    });
  useRelay.setState({ call: call as never });
});

test('a link that is drawn is there before the relay has said anything, and what the relay says then stands', async () => {
  void useMapping.getState().load();
  await answerBoard();
  expect(shown()).toEqual(['a there']);
  const changed = useMapping.getState().change({ add: [key('b')], remove: [] }, 'Ines');
  expect(shown()).toEqual(['a there', 'b new']);
  await turn();
  expect(open).toMatchObject([{ name: 'mapping.draft.change', question: { add: [key('b')], remove: [], by: 'Ines' } }]);
  links = [key('a'), key('c')]; // somebody else was at it as well
  await answer('mapping.draft.change', {});
  await answerBoard();
  expect(await changed).toBeUndefined();
  expect(shown()).toEqual(['a there', 'c there']);
});

test('a change that is refused is gone again, with why, and is not to be taken back', async () => {
  void useMapping.getState().load();
  await answerBoard();
  const changed = useMapping.getState().change({ add: [], remove: [key('a')] }, 'Ines');
  expect(shown()).toEqual(['a removed']);
  await turn();
  await answer('mapping.draft.change', refused('stale', 'The draft is not what you saw any more'));
  await answerBoard();
  expect(await changed).toMatchObject({ ok: false, code: 'stale' });
  expect(shown()).toEqual(['a there']);
  expect(useMapping.getState().done).toEqual([]);
  expect(await useMapping.getState().takeBack('Ines')).toBeUndefined();
  expect(open).toEqual([]); // nothing was asked for it
});

test('a change and its taking back, pressed at once, are asked for one after the other', async () => {
  void useMapping.getState().load();
  await answerBoard();
  const { change, takeBack } = useMapping.getState();
  const both = [change({ add: [key('b')], remove: [] }, 'Ines'), takeBack('Ines')];
  expect(shown()).toEqual(['a there']); // drawn and undrawn already
  await turn();
  expect(open.map(({ name }) => name)).toEqual(['mapping.draft.change']);
  await answer('mapping.draft.change', {});
  await answerBoard();
  expect(open).toMatchObject([{ name: 'mapping.draft.change', question: { add: [], remove: [key('b')] } }]);
  await answer('mapping.draft.change', {});
  await answerBoard();
  expect(await Promise.all(both)).toEqual([undefined, undefined]);
  expect(useMapping.getState().done).toEqual([]);
});

test('an answer to an older question does not replace a newer one, and one that is refused leaves what is known', async () => {
  void useMapping.getState().load();
  const older = open.splice(0, 3);
  void useMapping.getState().load();
  await answerBoard();
  for (const { name, answer: late } of older)
    late(name === 'mapping.board' ? { ...board(), links: [] } : { items: [], total: 0 });
  await turn();
  expect(shown()).toEqual(['a there']);
  void useMapping.getState().load();
  await answer('mapping.board', refused('offline'));
  await answer('mapping.groups', { items: [], total: 0 });
  await answer('mapping.communities', { items: [], total: 0 });
  expect(useMapping.getState().failure).toMatchObject({ code: 'offline' });
  expect(shown()).toEqual(['a there']);
});

test('what is asked for already is not asked for twice, and afterwards it is', async () => {
  const { begin } = useMapping.getState();
  const [one, other] = [begin(), begin()];
  expect(open).toHaveLength(3);
  await answerBoard();
  await Promise.all([one, other]);
  void begin();
  expect(open).toHaveLength(3);
  expect(useMapping.getState().links.map(({ key: known }) => known)).toEqual([linkKey(key('a'))]);
});
