/** Each client's dialogues, replayed at the relay's own door: what it sends, and what it needs to see. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { record } from './dialogues/record.ts';
import { Dialogue, type Exchange, replay, shortfalls, type Told } from './dialogues/replay.ts';
import { openDoor } from './door.ts';

const folder = join(import.meta.dirname, 'dialogues');
const dialogues = globSync(join(folder, '*.json'))
  .sort()
  .map((path) => [basename(path, '.json'), Dialogue.parse(JSON.parse(readFileSync(path, 'utf8')))] as const);

/** Every way to spoil an expectation at one spot. */
function* spoilt(expected: Exchange['answer']): Generator<Exchange['answer']> {
  type Node = Record<string, unknown>;
  function* leaves(node: Node, top: boolean): Generator<readonly [holder: Node, key: string]> {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
        yield* leaves(value as Node, false);
      else if (!top || key !== 'body') yield [node, key];
    }
  }
  const count = [...leaves(expected as Node, true)].length;
  for (let index = 0; index < count; index += 1) {
    const copy = structuredClone(expected);
    const [holder, key] = [...leaves(copy as Node, true)][index]!;
    holder[key] = typeof holder[key] === 'number' ? holder[key] + 1 : 'spoilt';
    yield copy;
  }
}

test('there are dialogues of every kind of client', () => {
  expect(dialogues.map(([name]) => name.replace(/-(people|users|groups)$/, ''))).toEqual(
    expect.arrayContaining([
      'authentik',
      'entra-default',
      'entra-older',
      'entra-optscim',
      'entra-validator',
      'google-workspace',
      'jumpcloud',
      'okta-observed',
      'okta-spec',
      'okta-template',
      'okta-wizard',
      'onelogin',
      'pingfederate',
    ]),
  );
});

describe.each(dialogues)('I3 I5 %s', (name, dialogue) => {
  let told: readonly Told[];
  beforeAll(async () => {
    const door = await openDoor();
    told = await replay(dialogue, door.base, name.startsWith('okta') ? 'okta' : 'entra');
    await door.close();
    expect(door.reports).toEqual([]);
  });

  test(`${dialogue.client}: ${dialogue.scene}`, () => {
    const wrong = told.flatMap(({ exchange: { method, path, answer: expected }, answer, known }, index) =>
      shortfalls(expected, answer, new Map(known)).map((line) => `${index + 1}. ${method} ${path}: ${line}`),
    );
    expect(wrong).toEqual([]);
    expect(told).toHaveLength(dialogue.exchanges.length);
  });

  test('would notice any of it being otherwise', () => {
    let spoils = 0;
    for (const { exchange, answer, known } of told)
      for (const expected of spoilt(exchange.answer)) {
        expect(shortfalls(expected, answer, new Map(known)), JSON.stringify(expected)).not.toEqual([]);
        spoils += 1;
      }
    expect(spoils).toBeGreaterThan(dialogue.exchanges.length);
  });
});

describe('The recorded ones', () => {
  let recorded: ReadonlyMap<string, Dialogue>;
  beforeAll(async () => {
    recorded = await record();
  });

  test('are what the simulated providers send today; if this fails, look at the difference and run record.ts', () => {
    const sent = ({ headers, exchanges }: Dialogue) => [
      headers,
      ...exchanges.map(({ answer: _, ...request }) => request),
    ];
    expect([...recorded.keys()].sort()).toEqual(
      dialogues.filter(([, { source }]) => source.startsWith('Recorded')).map(([name]) => name),
    );
    for (const [name, dialogue] of dialogues) {
      const again = recorded.get(name);
      if (again !== undefined) expect(sent(again), name).toEqual(sent(dialogue));
    }
  });
});
