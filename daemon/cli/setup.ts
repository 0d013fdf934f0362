/** `upstream`, `source` and `console`: what is set up once and looked at now and then. */
import { type Command, Option } from 'commander';
import { type Source, SourceKind, type SourceSecret } from '../contract/source.ts';
import type { Upstream, UpstreamTest } from '../contract/upstream.ts';
import { Refused } from './client.ts';
import { act, type Desk, type Setting } from './desk.ts';
import { facts, many, plain, readToken, table, time } from './terminal.ts';

export function upstreamCommands(program: Command, setting: Setting): void {
  const upstream = program.command('upstream').description('Steeple: its address, its token, and whether they work');
  type Options = Readonly<{
    url?: string;
    tokenStdin?: boolean;
    tokenFile?: string;
    apiUrl?: string;
    apiTokenFile?: string;
    reason?: string;
  }>;
  act<Options>(
    setting,
    upstream
      .command('set')
      .description('keep what Administration > Integrations > Identification > Show reveals, and test it at once')
      .option('--url <url>', 'the SCIM URL')
      .option('--token-stdin', 'read the bearer token from standard input')
      .addOption(new Option('--token-file <file>', 'read the bearer token from a file').conflicts('tokenStdin'))
      .option('--api-url <url>', 'Steeple’s public API, for the list of communities')
      .option('--api-token-file <file>', 'read the public API’s token from a file')
      .option('--reason <text>', 'why, for the journal'),
    async (desk, _args, { url, tokenStdin, tokenFile, apiUrl, apiTokenFile, reason }) => {
      const source = tokenStdin ? '-' : tokenFile;
      if ([url, source, apiUrl, apiTokenFile].every((given) => given === undefined))
        throw new Refused(
          'usage',
          'Nothing to set. Give --url, --token-stdin or --token-file, --api-url, --api-token-file',
        );
      const kept = await desk.ask('upstream.set', {
        by: desk.by,
        ...(url !== undefined && { url }),
        ...(source !== undefined && { token: await readToken(desk.terminal, source) }),
        ...(apiUrl !== undefined && { apiUrl }),
        ...(apiTokenFile !== undefined && { apiToken: await readToken(desk.terminal, apiTokenFile) }),
        ...(reason !== undefined && { reason }),
      });
      desk.say(kept, () => upstreamWords(kept));
      verdict(desk, kept.test, false);
    },
  );
  act(setting, upstream.command('test').description('connect, and say what was found'), async (desk) =>
    verdict(desk, await desk.ask('upstream.test', {}), true),
  );
  act(setting, upstream.command('show').description('what is set; never the token'), async (desk) => {
    const shown = await desk.ask('upstream.show', {});
    desk.say(shown, () => upstreamWords(shown));
  });
  act<{ reason?: string }>(
    setting,
    upstream.command('clear-token').description('forget the tokens').option('--reason <text>', 'why, for the journal'),
    async (desk, _args, said) => {
      const shown = await desk.ask('upstream.clearToken', { by: desk.by, ...said });
      desk.say(shown, () => upstreamWords(shown));
    },
  );
}

const upstreamWords = ({ url, token, apiUrl, apiToken, kept }: Upstream): string =>
  facts([
    ['SCIM URL', url ?? 'not set'],
    ['Token', token ? `kept in ${kept}` : 'not set'],
    ['Public API', apiUrl ?? 'not set'],
    ['Public API token', apiToken ? `kept in ${kept}` : 'not set'],
  ]);

/** Prints what the test found, and ends with 1 unless it is fine: a script must not go on with a wrong token. */
function verdict(desk: Desk, test: UpstreamTest, alone: boolean): void {
  if (alone && desk.json) desk.say(test, () => '');
  if (test.verdict !== 'fine')
    throw new Refused(test.verdict, `${test.detail}${test.remedy === '' ? '' : `\n${test.remedy}`}`);
  if (!desk.json) desk.terminal.stdout.write(`${plain(test.detail)}\n`);
}

export function sourceCommands(program: Command, setting: Setting): void {
  const source = program
    .command('source')
    .description('identity providers, each with an address and a token of its own');
  act<{ kind: string; name: string }>(
    setting,
    source
      .command('add')
      .description('make an address and a token to paste at the provider')
      .requiredOption('--kind <kind>', SourceKind.options.join(', '))
      .requiredOption('--name <name>', 'how you call it: "Entra main"'),
    async (desk, _args, { kind, name }) => {
      const known = SourceKind.safeParse(kind);
      if (!known.success) throw new Refused('usage', unknownKind(kind));
      const secret = await desk.ask('source.add', { kind: known.data, name, by: desk.by });
      desk.say(secret, () => secretWords(secret));
    },
  );
  act(setting, source.command('list').description('the sources, and when each was last heard of'), async (desk) => {
    const sources = await desk.ask('source.list', {});
    desk.say(
      sources,
      () =>
        table(
          ['id', 'kind', 'name', 'state', 'people', 'groups', 'last seen'],
          sources.map((row) => [row.id, row.kind, row.name, row.state, row.users, row.groups, time(row.lastSeenAt)]),
          'No source yet. Add one: steeple-relay source add --kind entra --name "Entra main"',
        ) + sources.map(limitWords).join(''),
    );
  });
  act<{ overlapHours?: number; reason?: string }>(
    setting,
    source
      .command('rotate <id>')
      .description('give it a new token; the old one works on for a while')
      .option('--overlap-hours <n>', 'how long the old one works (default: 24)', hours)
      .option('--reason <text>', 'why, for the journal'),
    async (desk, [id = ''], given) => {
      const secret = await desk.ask('source.rotate', { id, by: desk.by, ...given });
      desk.say(secret, () => secretWords(secret));
    },
  );
  act<{ allow?: string; rate?: string }>(
    setting,
    source
      .command('set <id>')
      .description('from where, and how often, it may ask')
      .option('--allow <ranges>', 'addresses and CIDR ranges with commas, or any')
      .option('--rate <n/s>', 'requests a second, such as 50/s, or off'),
    async (desk, [id = ''], { allow, rate }) => {
      if (allow === undefined && rate === undefined) throw new Refused('usage', 'Nothing to set. Give --allow, --rate');
      const kept = await desk.ask('source.set', {
        id,
        by: desk.by,
        ...(allow !== undefined && { allow: allow === 'any' ? null : allow.split(',').map((range) => range.trim()) }),
        ...(rate !== undefined && { rate: perSecond(rate) }),
      });
      desk.say(kept, () => `${kept.id}: from ${kept.allow?.join(', ') ?? 'anywhere'}, ${rateWords(kept.rate)}.`);
    },
  );
  act<{ reason?: string }>(
    setting,
    source
      .command('revoke <id>')
      .description('take its tokens back; what it pushed stays')
      .option('--reason <text>', 'why, for the journal'),
    async (desk, [id = ''], said) => {
      const revoked = await desk.ask('source.revoke', { id, by: desk.by, ...said });
      desk.say(revoked, () => `${revoked.id} is revoked: its pushes are refused from now on, and nobody was removed.`);
    },
  );
}

const rateWords = (rate: number | null): string =>
  rate === null ? 'as often as it likes' : `up to ${rate} requests a second`;

/** A line for a source that is limited, and one for a source that was refused something. */
function limitWords({ id, allow, rate, refusals: { count, lastAt, detail } }: Source): string {
  const limited =
    allow === null && rate === null
      ? ''
      : `\n${plain(id)}: from ${allow?.join(', ') ?? 'anywhere'}, ${rateWords(rate)}`;
  const failing =
    count === 0
      ? ''
      : `\n! ${plain(id)}: ${many(count, 'refusal')} since the start, the last ${time(lastAt)}: ${plain(detail ?? '')}`;
  return limited + failing;
}

function perSecond(text: string): number | null {
  if (text === 'off') return null;
  const [, digits] = /^([1-9]\d{0,4})(?:\/s)?$/.exec(text) ?? [];
  if (digits === undefined)
    throw new Refused('usage', `'${plain(text)}' is not a rate. Write for example 50/s, or off.`);
  return Number(digits);
}

const hours = (text: string): number => Number(text);

const unknownKind = (kind: string): string =>
  /google/i.test(kind)
    ? 'Google Workspace can log people in to Steeple (SSO), but it has no SCIM provisioning: there is nothing to connect here.'
    : `'${plain(kind)}' is not a kind of source. Choose one of: ${SourceKind.options.join(', ')}.`;

const secretWords = ({ id, tenantUrl, secretToken }: SourceSecret): string =>
  `${facts([
    ['Source', id],
    ['Tenant URL', tenantUrl],
    ['Secret token', secretToken],
  ])}\nThe token is shown this once; only a hash of it is kept. Paste it at the provider, never in a chat or a ticket.`;

export function consoleCommand(program: Command, setting: Setting): void {
  act<{ as?: string }>(
    setting,
    program
      .command('console')
      .description('print an address that logs a browser in, once, within two minutes')
      .option('--as <name>', 'for whom: what is decided in that session is decided in this name (default: yours)'),
    async (desk, _args, options) => {
      const ticket = await desk.ask('console.ticket', { by: options.as ?? desk.by });
      desk.say(ticket, () => ticket.url);
    },
  );
}
