/** Plans as files, kept and compared: everything is in them, and no name in them does anything. */
import fc from 'fast-check';
import { Window } from 'happy-dom';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PersonChange, PlanRow } from '../daemon/contract/plan.ts';
import { csvHead, csvOf, htmlHead, htmlOf } from '../daemon/core/printed.ts';
import { planDesk } from '../daemon/relay/plan.ts';
import { besides, type Stores, stores } from './stores.ts';

let now = 1_000_000_000_000;
let relay: Stores;
beforeEach(async () => {
  relay = await stores(':memory:', () => now);
});
afterEach(() => relay.close());
const desk = () =>
  planDesk({ ...relay, surveyor: besides(relay.surveys), observe: async () => {}, changed: () => {}, now: () => now });

/** The whole file, as whoever asks for its pieces puts it together. */
async function file(id: string, format: 'json' | 'csv' | 'html', language: 'en' | 'fr' = 'en'): Promise<string> {
  let text = '';
  let pieces = 0;
  for (let from: number | null = 0; from !== null; pieces += 1) {
    const piece = await desk()['plan.export']({ id, format, language, from });
    expect(piece.name).toBe(`${id}.${format}`);
    text += piece.text;
    from = piece.next;
    expect(pieces).toBeLessThan(50);
  }
  return text;
}
/** Each at a moment of its own: which of two is the older decides which one goes. */
async function make() {
  now += 1000;
  return desk()['plan.make']({ of: 'published', offset: 0, limit: 10_000 });
}

/** A reader of RFC 4180 that is not ours: a state machine over signs. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, inside] = [[] as string[], '', false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (inside && sign === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (sign === '"') inside = !inside;
    else if (!inside && sign === ',') {
      row.push(cell);
      cell = '';
    } else if (!inside && sign === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
      at += 1;
    } else cell += sign;
  }
  expect([row, cell, inside]).toEqual([[], '', false]);
  return rows;
}
function page(html: string) {
  const window = new Window({ settings: { disableJavaScriptEvaluation: true } });
  window.document.write(html);
  return window.document;
}

const hostile = fc
  .array(
    fc
      .constantFrom(
        '=1+1',
        '+',
        '-2',
        '@x',
        '＝1',
        '\t',
        '\r',
        '\n',
        '"',
        ',',
        ';',
        "'",
        ' ',
        '<script>alert(1)</script>',
      )
      .chain((sign) =>
        fc.constantFrom(sign, '</td>', '<img src=x onerror=x>', '&lt;', '\u202e', 'לוי', 'Ann', '--><!--'),
      ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(''));
const person = fc.record<PersonChange>({
  userName: hostile,
  name: hostile,
  personId: fc.uuid(),
  change: fc.constantFrom('create', 'remove', 'none'),
  access: fc.array(
    fc.record({
      community: hostile,
      from: fc.option(hostile),
      to: fc.option(hostile),
      because: fc.array(
        fc.record({
          source: hostile,
          groupId: fc.uuid(),
          group: hostile,
          role: hostile,
          through: fc.constant([]),
          winner: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
      held: fc.boolean(),
      rule: fc.constant(null),
      reason: hostile,
    }),
    { maxLength: 3 },
  ),
  held: fc.boolean(),
  rule: fc.constant(null),
  reason: hostile,
});

test('no cell of a plan begins a formula, and each comes back as it was behind at most one apostrophe', () => {
  fc.assert(
    fc.property(fc.array(person, { maxLength: 3 }), (people) => {
      const [head, ...rows] = readCsv(csvHead + people.map(csvOf).join(''));
      expect(rows).toHaveLength(people.reduce((sum, { access }) => sum + Math.max(1, access.length), 0));
      for (const row of rows) {
        expect(row).toHaveLength(head?.length ?? 0);
        for (const cell of row) expect(cell).not.toMatch(/^(\s*[=+\-@＝＋－＠]|[\t\r\n])/);
      }
      const names = rows.map(([userName]) => userName);
      const wanted = people.flatMap(({ userName, access }) => Array(Math.max(1, access.length)).fill(userName));
      expect(names.map((one, at) => one === wanted[at] || one === `'${wanted[at]}`)).toEqual(names.map(() => true));
    }),
  );
});

test('a printed plan says every name as it is, runs nothing, and keeps each name’s writing direction to itself', () => {
  const row: PlanRow = {
    ...{ id: 'plan-1', at: now, mapping: 1, of: 'draft', strangers: 0, keptBy: null },
    summary: {} as PlanRow['summary'],
    name: '<b>"kept"</b>',
    note: '</title><script>x</script>',
  };
  const summary = { create: 1, adopt: 0, update: 0, remove: 0, reactivate: 0, grants: 0, revokes: 0, roleChanges: 0 };
  fc.assert(
    fc.property(fc.array(person, { maxLength: 2 }), hostile, fc.constantFrom('en', 'fr'), (people, words, language) => {
      const plan = {
        id: 'plan-1',
        basedOn: { journal: 1, mapping: 1, observedAt: 0 },
        summary: { ...summary, held: 0 },
        limits: [{ kind: 'group', scope: words, count: 9, limit: 3, tripped: true }],
        warnings: [words],
        communities: [
          ...[{ community: words, name: words, before: 1, after: 2, enters: 1, leaves: 0, rises: 0, falls: 0 }].map(
            (one) => ({ ...one, held: 0, strangers: 0, roles: [] }),
          ),
        ],
      };
      const external = { reason: words, owner: words, reviewAt: null };
      const strangers = [{ steepleId: '1', userName: words, active: true, access: [], note: '', external }];
      const html =
        htmlHead(plan, row, strangers, language as 'en') + people.map((one) => htmlOf(one, language as 'en')).join('');
      // Signs that turn the writing stand inside an element that keeps them in, or in the window's title.
      expect(html.replace(/<bdi>[^<]*<\/bdi>|<title>[^<]*<\/title>/g, '')).not.toMatch(
        /[\u202a-\u202e\u2066-\u2069]|לוי/,
      );
      const tags = new Set([...html.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map(([, tag]) => tag));
      const ours =
        'html head meta title style body h1 h2 p strong br small ul li table thead tr th tbody td bdi span !doctype';
      expect([...tags].filter((tag) => !ours.split(' ').includes(tag as string))).toEqual([]);
      const read = page(html);
      const cells = [...read.querySelectorAll('table:last-of-type tbody tr')].map((line) =>
        line.querySelector('td bdi'),
      );
      const lines = people.map(({ userName }) => userName.replace(/\r\n?/g, '\n'));
      expect(
        cells.slice(-people.length || cells.length).map((cell) => cell?.textContent.replace(/\r\n?/g, '\n')),
      ).toEqual(lines);
    }),
    { numRuns: 15 },
  );
});

/** 520 people of whom some lack something and some lose something: more than one piece of everything. */
async function company() {
  const ids = await relay.push(
    ...Array.from({ length: 520 }, (_, at) => ({
      method: 'POST' as const,
      kind: 'User' as const,
      body: {
        userName: at === 7 ? '=cmd@x.test' : `p${at}@x.test`,
        externalId: `e${at}`,
        name: at % 3 === 0 ? {} : { givenName: '<b>Ann</b>', familyName: `\u202e${at}` },
        ...(at % 2 === 0 && { emails: [{ value: `p${at}@x.test`, type: 'work', primary: true }] }),
      },
    })),
  );
  const team = await relay.group('Finance "people"', ids.slice(0, 300));
  await relay.map([[team, 'finance', 'contributor']]);
  return { ids, team };
}

test('whatever the format, a file has all of the plan: its counts are the plan’s', async () => {
  await company();
  const plan = await make();
  expect(plan.total).toMatchObject({ people: 520, gaps: expect.any(Number) });
  expect(plan.total.gaps).toBeGreaterThan(0);

  const { people, operations, lacking, strangers, ...json } = JSON.parse(await file(plan.id, 'json'));
  const bare = (all: readonly PersonChange[]) =>
    all.map(({ access, reasonSaid: _, ...one }) => ({
      ...one,
      access: access.map(({ reasonSaid: __, ...rest }) => rest),
    }));
  expect(people).toEqual(bare(plan.people));
  expect(operations).toHaveLength(plan.total.operations);
  expect(operations).toEqual(plan.operations);
  expect(lacking).toHaveLength(plan.total.gaps ?? -1);
  expect(strangers).toEqual(plan.strangers);
  expect(json).toMatchObject({ id: plan.id, summary: plan.summary, limits: plan.limits, warnings: plan.warnings });
  const granted = (people as PersonChange[]).flatMap(({ access }) => access.filter(({ from }) => from === null));
  expect(granted).toHaveLength(plan.summary.grants);

  const csv = await file(plan.id, 'csv');
  expect(csv.startsWith('\ufeff')).toBe(true);
  const [, ...rows] = readCsv(csv.slice(1));
  expect(new Set(rows.map(([, , personId]) => personId)).size).toBe(plan.total.people);
  expect(rows.filter((row) => row[4] !== '')).toHaveLength(plan.summary.grants);

  const html = await file(plan.id, 'html');
  const tables = html.split('<table>').map((table) => table.split('<tr><td>').length - 1);
  expect(tables.slice(-2)).toEqual([plan.total.people, plan.total.gaps]);
  expect(html.split('<li><code>').length - 1).toBe(plan.total.operations);
  expect(html).toContain(`${plan.invitations?.atMost} invitations at most`);
});

test('a plan of nothing is a whole file in every format', async () => {
  const plan = await make();
  expect(JSON.parse(await file(plan.id, 'json'))).toMatchObject({ people: [], lacking: [], operations: [] });
  expect(readCsv((await file(plan.id, 'csv')).slice(1))).toHaveLength(1);
  expect(page(await file(plan.id, 'html', 'fr')).querySelectorAll('h2').length).toBeGreaterThan(1);
});

test('kept under a name a plan stays whatever is planned after it; let go, it leaves in its time', async () => {
  const ann = await relay.user('ann@x.test');
  const kept = await make();
  await desk()['plan.keep']({ id: kept.id, name: ' the first ', note: 'n', by: 'ann' });
  for (let round = 0; round < 52; round += 1) {
    await relay.patchUser(ann, { title: `t${round}`, name: { givenName: `A${round}` } });
    await make();
  }
  const rows = (await desk()['plan.list']({ offset: 0, limit: 100 })).items;
  expect(rows).toHaveLength(51);
  expect(rows.find(({ id }) => id === kept.id)).toMatchObject({ name: 'the first', note: 'n', keptBy: 'ann' });
  expect((await desk()['plan.show']({ id: kept.id, offset: 0, limit: 1 })).summary).toEqual(kept.summary);
  await desk()['plan.release']({ id: kept.id, by: 'bob' });
  await relay.patchUser(ann, { name: { givenName: 'Last' } });
  await make();
  await expect(desk()['plan.show']({ id: kept.id, offset: 0, limit: 1 })).rejects.toThrow(/There is no plan/);
});

test('two plans compared: whom only one changes, whom both in another way, and each community’s heads', async () => {
  const [ann, bob, cy] = [
    await relay.user('ann@x.test'),
    await relay.user('bob@x.test'),
    await relay.user('cy@x.test'),
  ];
  const team = await relay.group('Finance', [ann, bob]);
  await relay.map([[team, 'finance', 'contributor']]);
  const before = await make();
  await relay.members(team, 'add', [cy]);
  await relay.push({ method: 'DELETE', kind: 'User', id: bob, body: {} });
  const dee = await relay.user('dee@x.test');
  const after = await make();

  const found = await desk()['plan.compare']({ before: before.id, after: after.id, offset: 0, limit: 100 });
  expect(found).toMatchObject({ added: 1, dropped: 1, changed: 1, same: 1, total: 3 });
  expect(
    found.people.map(({ userName, before: was, after: is }) => [userName, was?.access.length, is?.access.length]),
  ).toEqual([
    ['bob@x.test', 1, undefined],
    ['cy@x.test', 0, 1],
    ['dee@x.test', undefined, 0],
  ]);
  expect(found.people.map(({ personId }) => personId)).toEqual([bob, cy, dee]);
  expect(found.communities).toEqual([]); // one left and one came
  expect([found.before.id, found.after.id]).toEqual([before.id, after.id]);
  const [second] = (await desk()['plan.compare']({ before: before.id, after: after.id, offset: 1, limit: 1 })).people;
  expect(second?.userName).toBe('cy@x.test');
  const back = await desk()['plan.compare']({ before: after.id, after: before.id, offset: 0, limit: 100 });
  expect(back).toMatchObject({ added: 1, dropped: 1, changed: 1, same: 1 });
  const same = await desk()['plan.compare']({ before: after.id, after: after.id, offset: 0, limit: 100 });
  expect(same).toMatchObject({ added: 0, dropped: 0, changed: 0, same: 3, total: 0, people: [] });
});

test('who enters and leaves a group by one operation is told page by page, by side and by name, each with their reasons', async () => {
  const { ids, team } = await company();
  const plan = await make();
  const { items: operations } = await desk()['plan.operations']({ id: plan.id, offset: 0, limit: 10_000 });
  const about = operations.filter(({ members }) => members !== undefined);
  expect(about.map(({ members }) => members)).toEqual(Array.from({ length: 3 }, () => ({ enter: 100, leave: 0 })));
  const ask = (order: number, some: object = {}) =>
    desk()['plan.members']({ id: plan.id, order, text: '', offset: 0, limit: 1000, ...some });
  const all = await Promise.all(about.map(({ order }) => ask(order)));
  const names = all.flatMap(({ items }) => items.map(({ person }) => person.personId));
  expect(new Set(names)).toEqual(new Set(ids.slice(0, 300)));
  for (const { items, total, enter, leave, told } of all) {
    expect([total, enter, leave, told]).toEqual([100, 100, 0, true]);
    for (const { side, person } of items) {
      expect(side).toBe('enters');
      expect(person.access).toMatchObject([{ community: 'finance', to: 'contributor', because: [{ groupId: team }] }]);
    }
  }
  const [first = expect.fail('there are three')] = about;
  const whole = all[0]?.items ?? [];
  expect((await ask(first.order, { offset: 10, limit: 5 })).items).toEqual(whole.slice(10, 15));
  expect((await ask(first.order, { side: 'leaves' })).items).toEqual([]);
  const wanted = whole[3]?.person.userName ?? '';
  const found = await ask(first.order, { text: ` ${wanted.toUpperCase()} ` });
  expect(found.items.map(({ person }) => person.userName)).toContain(wanted);
  expect(found).toMatchObject({ total: found.items.length, enter: 100 });
  expect((await ask(1)).items).toEqual([]); // a write to an account
  await expect(ask(operations.length + 1)).rejects.toThrow(`Plan ${plan.id} has no operation ${operations.length + 1}`);
  await expect(desk()['plan.members']({ id: 'plan-x', order: 1, text: '', offset: 0, limit: 1 })).rejects.toThrow(
    'There is no plan plan-x',
  );
});
