/**
 * The demo: a sandbox Steeple, a relay, and Entra and Okta as clients, with a whole company between them; nothing outside
 * this machine is touched. `--headless` plays the story, and exits 0, or 1 with what differed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { client } from './cli/client.ts';
import { buildPage, openConsole } from './demo/face.ts';
import { organization } from './demo/organization.ts';
import { startRelay, startSandbox } from './demo/stage.ts';
import { type Size, story } from './demo/story.ts';
import { teller } from './demo/telling.ts';

const usage = `Usage: npm run demo -- [--headless] [--json] [--users N] [--groups G] [--seed S]

  --headless   play the whole story and end: exit 0, or 1 with what differed
  --json       print one JSON summary as the last line of standard output
  --users N    people in the synthetic company, 80 or more (default 240)
  --groups G   groups in it, 24 or more (default 32)
  --seed S     another seed is another company (default "aldine")
`;

function options(): { headless: boolean; json: boolean; size: Size } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        headless: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        users: { type: 'string', default: '240' },
        groups: { type: 'string', default: '32' },
        seed: { type: 'string', default: 'aldine' },
      },
    });
    const users = atLeast('users', values.users, 80);
    const groups = atLeast('groups', values.groups, 24);
    return { headless: values.headless, json: values.json, size: { users, groups, seed: values.seed } };
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : ''}\n${usage}`);
    return undefined;
  }
}

function atLeast(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} takes a whole number, ${least} or more`);
  return value;
}

async function main(): Promise<number> {
  const chosen = options();
  if (chosen === undefined) return 2;
  const { headless, json, size } = chosen;
  const tell = teller((text) => void process.stderr.write(text), process.stderr.isTTY === true);
  const data = mkdtempSync(join(tmpdir(), 'steeple-demo-'));
  const stopping: (() => Promise<void>)[] = [];
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  try {
    const sandbox = await startSandbox();
    stopping.unshift(sandbox.stop);
    const relay = await startRelay(data);
    stopping.unshift(relay.stop);
    const ask = client(data);
    tell.say(`A sandbox Steeple runs at ${sandbox.ready.admin}`);
    tell.say(`The relay takes pushes at ${relay.ready.scim}`);
    if (!headless) {
      const built = await tell.during('Building the page', () => buildPage());
      if (!built) tell.say('The page could not be built, so the console only says how to build it');
      const { url } = await ask('console.ticket', {});
      const opened = openConsole(url, data);
      tell.say(`Console: ${url}  (valid for two minutes, once)`);
      if (opened === undefined)
        tell.say('There is no desktop here to open it on: copy the address into a browser on this machine');
    }
    const playing = story({ ask, steeple: sandbox.ready, organization: organization(sandbox.ready), tell, size });
    const summary = await Promise.race([playing, interrupted]);
    if (summary === undefined) return 1;
    if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    for (const line of summary.differ) process.stderr.write(`differs: ${line}\n`);
    tell.say(
      summary.ok
        ? 'The story ended as it should.'
        : `The story did not end as it should: ${summary.differ.length} things differ.`,
    );
    if (!headless) {
      const { url } = await ask('console.ticket', {});
      process.stderr.write(`
Everything stays up until Ctrl-C. Removals are still held: look at them in the console, or with
  npm run relay -- review list --data ${data}
Console  ${url}
Steeple  ${sandbox.ready.admin}
`);
      await interrupted;
    }
    return summary.ok ? 0 : 1;
  } finally {
    for (const stop of stopping) await stop().catch(() => {});
    rmSync(data, { recursive: true, force: true });
  }
}

process.exitCode = await main().catch((cause: unknown) => {
  process.stderr.write(`The demo could not be played: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  return 1;
});
