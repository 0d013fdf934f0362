// @vitest-environment happy-dom
/** The set-up's steps and the hand-over's list, reckoned and drawn; and what the overview says of counts, alerts and ends. */
import { act, cleanup, screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { CommunityCard } from '../daemon/contract/draft.ts';
import type { MappingView } from '../daemon/contract/mapping.ts';
import type { Preflight } from '../daemon/contract/preflight.ts';
import { en } from '../src/renderer/i18n/en.ts';
import { fr } from '../src/renderer/i18n/fr.ts';
import { speak } from '../src/renderer/i18n/language.ts';
import { pairName, rowsOf } from '../src/renderer/pages/setup/handover.tsx';
import { isLocal, resumeAt, stepsOf } from '../src/renderer/pages/setup/steps.ts';
import { forget, useRelay } from '../src/renderer/store.ts';
import { now, refused, relay, status } from './pagebridge.ts';
import { draw, drawsThePage, leave } from './pagedrawn.tsx';

drawsThePage();
const open = (hash: string, fake: ReturnType<typeof relay>) => draw(hash, fake, 6);

type States = Partial<Record<'sso' | 'upstream' | 'mapping', 'green' | 'attention' | 'blocked'>>;
const preflight = (states: States) =>
  ({
    ready: false,
    possible: false,
    first: true,
    plan: null,
    items: Object.entries(states).map(([code, state]) => ({
      ...{ code, state, source: null, blocks: state === 'blocked', words: 'w', todo: '', facts: {}, confirmed: null },
    })),
    counts: [],
    steeple: { users: 1, groups: 0, at: now },
  }) as unknown as Preflight;
const fresh = status({
  sources: [],
  sync: { state: 'off', since: null, by: null, plan: null },
  upstream: { url: null, token: false, apiUrl: null, apiToken: false, kept: 'keychain' },
  mapping: { version: 0, links: 0, broken: 0 },
});

describe('the steps', () => {
  const all = (...given: Parameters<typeof stepsOf>) =>
    Object.fromEntries(stepsOf(...given).map(({ name, state }) => [name, state]));

  test('of an empty relay are all open, and the first is where one begins', () => {
    expect(new Set(Object.values(all(fresh, undefined, undefined)))).toEqual(new Set(['open']));
    expect(resumeAt(stepsOf(fresh, undefined, undefined), fresh)).toBe('sso');
  });

  test('of one that is set up are all done, and the last is where one comes back to', () => {
    const done = stepsOf(status(), preflight({ sso: 'green', upstream: 'green', mapping: 'green' }), 3);
    expect(new Set(done.map(({ state }) => state))).toEqual(new Set(['done']));
    expect(resumeAt(done, status())).toBe('handover');
  });

  test('Steeple’s answer stands in for a confirmation of SSO; its refusal for want of SSO is trouble there, and not with the token', () => {
    expect(all(status(), preflight({ upstream: 'green' }), 1)).toMatchObject({ sso: 'done', steeple: 'done' });
    const refused = preflight({ sso: 'blocked', upstream: 'blocked' });
    expect(all(status(), refused, 1)).toMatchObject({ sso: 'trouble', steeple: 'done' });
    expect(resumeAt(stepsOf(status(), refused, 1), status())).toBe('sso');
    expect(all(status(), preflight({ upstream: 'blocked' }), 1)).toMatchObject({ sso: 'open', steeple: 'trouble' });
  });

  test('who has set a token is not sent back to the first step while its test has not answered', () => {
    const sources = status().sources.map((one) => ({ ...one, users: 0, groups: 0 }));
    const begun = { ...fresh, upstream: status().upstream, sources };
    expect(resumeAt(stepsOf(begun, undefined, undefined), begun)).toBe('screens');
    expect(resumeAt(stepsOf({ ...begun, sources: [] }, undefined, undefined), { ...begun, sources: [] })).toBe(
      'provider',
    );
    const revoked = sources.map((one) => ({ ...one, state: 'revoked' as const }));
    expect(all({ ...begun, sources: revoked }, undefined, undefined).provider).toBe('open');
  });

  test('a mapping of which every link is broken is not done', () => {
    expect(all({ ...fresh, mapping: { version: 2, links: 2, broken: 2 } }, undefined, 1)).toMatchObject({
      mode: 'done',
      links: 'trouble',
    });
    expect(all({ ...fresh, mapping: { version: 2, links: 2, broken: 1 } }, undefined, 1).links).toBe('done');
  });

  test('an address of this machine only is known for what it is', () => {
    for (const local of ['http://127.0.0.1:8480/scim/v2', 'http://localhost/x', 'http://[::1]:8480/'])
      expect(isLocal(local)).toBe(true);
    for (const other of ['https://relay.acme.example/scim', 'http://127.0.0.1.evil.example/', 'no address'])
      expect(isLocal(other)).toBe(false);
  });
});

const mapping = (over: Partial<MappingView> = {}) =>
  ({
    version: 4,
    mode: 'managed',
    nameTemplate: '{community} – {role}',
    roles: [
      { id: 'contributor', rank: 1 },
      { id: 'administrator', rank: 2 },
    ],
    links: [
      ['g1', 'Treasury', 'finance', 'contributor', 5],
      ['g2', 'Board', 'finance', 'administrator', 2],
      ['g3', 'Auditors', 'finance', 'contributor', 4],
      ['g4', 'Sellers', 'sales', 'contributor', 9],
    ].map(([groupId, group, community, role, people]) => ({
      source: 'entra',
      groupId,
      group,
      community,
      role,
      people,
    })),
    ...over,
  }) as unknown as MappingView;
const cards = [
  {
    id: 'finance',
    name: 'Finance',
    roles: [
      { role: 'contributor', people: 7 },
      { role: 'administrator', people: 2 },
    ],
  },
  { id: 'sales', name: 'Alpine sales', roles: [{ role: 'contributor', people: 9 }] },
] as unknown as CommunityCard[];

describe('the hand-over', () => {
  test('managed, it has one row for each community and role, with the heads of the role and not of one group', () => {
    expect(rowsOf(mapping(), cards).map(({ group, people }) => `${group}: ${people}`)).toEqual([
      'Alpine sales – Contributors: 9',
      'Finance – Contributors: 7',
      'Finance – Administrators: 2',
    ]);
  });

  test('mirrored, it has one row for each link, with the provider’s own group', () => {
    expect(
      rowsOf(mapping({ mode: 'mirror' }), cards).map(({ group, role, people }) => `${group} ${role}: ${people}`),
    ).toEqual([
      'Sellers contributor: 9',
      'Treasury contributor: 5',
      'Auditors contributor: 4',
      'Board administrator: 2',
    ]);
  });

  test('a template is filled in once, whatever names are in it', () => {
    expect(pairName('{community} – {role}', '{role}', 'contributor')).toBe('{role} – Contributors');
    expect(pairName('Steeple {role}', 'Finance', 'administrator')).toBe('Steeple Administrators');
  });

  test.each([
    ['en', en],
    ['fr', fr],
  ] as const)(
    'is a list that says where, what must match and which group goes where, in %s',
    async (language, words) => {
      speak(language);
      await open(
        '#/setup/handover',
        relay({
          'mapping.show': () => mapping(),
          'mapping.communities': () => ({ items: cards, total: 2 }),
          'preflight.show': () => preflight({ sso: 'green', upstream: 'green', mapping: 'green' }),
        }),
      );
      expect(screen.getByText(words['wizard.handover.list'])).toBeTruthy();
      expect(screen.getByText('Finance – Administrators')).toBeTruthy();
      expect(screen.getByRole('button', { name: words['wizard.handover.print'] })).toBeTruthy();
    },
  );

  test('says that counts match or differ only once Steeple has been looked at', async () => {
    for (const [at, found] of [
      [null, 0],
      [now, 3],
    ] as const) {
      const observed = { users: 0, groups: 0, memberships: 0, at };
      const sync = { state: 'on', since: now, by: 'Ines', plan: 'plan-1' } as const;
      await open(
        '#/setup/handover',
        relay({
          status: () => status({ observed, sync }),
          'mapping.show': () => mapping(),
          'mapping.communities': () => ({ items: cards, total: 2 }),
          'preflight.show': () => preflight({ sso: 'green', upstream: 'green', mapping: 'green' }),
        }),
      );
      const words = [en['wizard.handover.match'], en['wizard.handover.differ']];
      expect(words.flatMap((word) => screen.queryAllByText(word))).toHaveLength(found);
      cleanup();
    }
  });
});

describe('the overview', () => {
  test('an alert that stands has its place and its remedy, and is gone when it is over', async () => {
    let standing = [
      {
        ...{ kind: 'backup-failed', about: '', since: now, detail: 'The disk is full', title: 't', remedy: 'r' },
        ...{ titleSaid: null, detailSaid: null, remedySaid: null },
      },
    ];
    const fake = relay({ 'alert.show': () => ({ standing, rules: {}, channels: [], mail: null }) });
    await open('', fake);
    expect(screen.getByText(en['standing.backup-failed'])).toBeTruthy();
    expect(screen.getByText(/The disk is full/)).toBeTruthy();
    const places = screen.getAllByRole('link').map((one) => one.getAttribute('href'));
    expect(places).toContain('#/settings/keeping');
    standing = [];
    await act(async () => fake.hear('changed'));
    await act(async () => void (await new Promise((done) => setTimeout(done, 700))));
    expect(screen.queryByText(en['standing.backup-failed'])).toBeNull();
  });

  test('changes in Steeple and external accounts that are due lead to where one decides', async () => {
    await open(
      '',
      relay({
        status: () => status({ drift: { open: 2, since: now } as never, externals: { count: 3, due: 1, nextAt: now } }),
      }),
    );
    const links = screen.getAllByRole('link').map((one) => one.getAttribute('href'));
    expect(links).toEqual(expect.arrayContaining(['#/activity/drift', '#/settings/externals']));
  });

  test('what ends soon is said with what to do, the nearest first; what is fine is one quiet line', async () => {
    const day = 86_400_000;
    let ends = [
      { what: 'upstream-token', name: '', at: Date.now() + 400 * day, state: 'fine', remedy: '' },
      {
        what: 'listener-certificate',
        name: 'relay.acme.example',
        at: Date.now() + 9 * day,
        state: 'soon',
        remedy: 'Renew it',
      },
    ];
    await open('', relay({ 'expiry.list': () => ends }));
    expect(screen.getByText('Renew it')).toBeTruthy();
    expect(screen.queryByText(new RegExp(`^${en['expiry.upstream-token']}$`))).toBeNull();
    leave();
    cleanup();
    forget();
    ends = ends.slice(0, 1);
    await open('', relay({ 'expiry.list': () => ends }));
    expect(screen.queryByText('Renew it')).toBeNull();
    expect(screen.getByText(new RegExp(en['expiry.upstream-token']))).toBeTruthy();
  });
});

describe('decisions somebody will ask about later', () => {
  test('a source is given a new token, or revoked, with a reason or without one', async () => {
    const [source] = status().sources;
    const fake = relay({
      'source.rotate': () => ({ id: 'entra', tenantUrl: 'http://relay/scim/v2', secretToken: 'new' }),
      'source.revoke': () => ({ ...source, state: 'revoked' }),
    });
    const user = await open('#/settings/sources', fake);
    const ask = async (opens: string, does: string, why: string) => {
      await user.click(screen.getByRole('button', { name: opens }));
      const dialog = within(await screen.findByRole('dialog'));
      const field = dialog.getByLabelText<HTMLInputElement>(en['reason.optional']);
      expect(field.value).toBe('');
      if (why !== '') await user.type(field, why);
      await user.click(dialog.getByRole('button', { name: does }));
    };
    await ask(en['sources.rotate'], en['sources.rotate.do'], ' It was mailed ');
    await ask(en['sources.rotate'], en['sources.rotate.do'], '');
    await ask(en['sources.revoke'], en['sources.revoke.do'], 'The site is closed');
    expect(fake.asked.filter(([name]) => name.startsWith('source.')).map(([, question]) => question)).toEqual([
      { id: 'entra', overlapHours: 24, reason: 'It was mailed', by: 'Ines' },
      { id: 'entra', overlapHours: 24, by: 'Ines' },
      { id: 'entra', reason: 'The site is closed', by: 'Ines' },
    ]);
  });

  test('another address of Steeple’s may say why', async () => {
    const { upstream } = status();
    const fake = relay({ 'upstream.set': () => refused('unavailable', 'It does not answer') });
    const user = await open('#/setup/steeple', fake);
    await user.click(screen.getByRole('button', { name: en['wizard.steeple.change'] }));
    await user.type(screen.getByLabelText(en['reason.optional']), 'We moved');
    await user.click(screen.getByRole('button', { name: en['wizard.steeple.save'] }));
    expect(fake.asked).toContainEqual(['upstream.set', { url: upstream.url, reason: 'We moved', by: 'Ines' }]);
  });

  test('the first one need not, however often one has to try', async () => {
    const empty = status({ upstream: { ...status().upstream, url: null, token: false } });
    await open('#/setup/steeple', relay({ status: () => empty }));
    expect(screen.getByLabelText(en['wizard.steeple.url'], { exact: false })).toBeTruthy();
    await act(async () => useRelay.getState().setStatus(status({ upstream: { ...empty.upstream, url: 'https://s' } })));
    expect(screen.queryByLabelText(en['reason.optional'])).toBeNull();
  });
});

describe('switching sync off', () => {
  test('taking back shows how many it is about, drops what is owed, and asks for a reason', async () => {
    const back = status({ sync: { state: 'off', since: now, by: 'Ines', plan: null, takingBack: { people: 12 } } });
    const fake = relay({
      'plan.make': ({ of }: { of?: string }) => ({
        ...{ id: `plan-${of}`, basedOn: { journal: 9, mapping: 1, observedAt: now, of: of ?? 'published' } },
        summary: {
          ...{ create: 0, adopt: 0, update: 0, remove: of === 'take-back' ? 12 : 0, reactivate: 0, grants: 0 },
          ...{ revokes: 0, roleChanges: 0, held: 0 },
        },
        ...{ limits: [], strangers: [], people: [], operations: [], warnings: [], total: { people: 0, operations: 0 } },
      }),
      'sync.disable': () => ({ ...back, stays: { created: 12, adopted: 0 } }),
    });
    const user = await open('#/preview', fake);
    await user.click(screen.getByRole('button', { name: en.disable }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(en['disable.owed'])).toBeTruthy();
    await user.click(dialog.getByLabelText(en['disable.take-back']));
    expect(dialog.queryByText(en['disable.owed'])).toBeNull();
    expect(await dialog.findByText('12 accounts would wait in Review to be removed')).toBeTruthy();
    const does = dialog.getByRole<HTMLButtonElement>('button', { name: en['disable.doBack'] });
    expect(does.disabled).toBe(true);
    await user.type(dialog.getByLabelText(/^Reason/), 'The contract ends');
    await user.click(does);
    expect(fake.asked).toContainEqual([
      'sync.disable',
      { reason: 'The contract ends', by: 'Ines', owed: 'drop', people: 'take-back' },
    ]);
    expect(await screen.findByText(/^12 accounts that the relay made are still in Steeple/)).toBeTruthy();
  });
});
