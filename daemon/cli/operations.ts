/** `network`, `alert` and `expiry`: how Steeple is reached, who is told when something needs a person, and what runs out. */
import { type Command, Option } from 'commander';
import type { Key } from '../contract/key.ts';
import {
  type Alerting,
  AlertKind,
  ChannelKind,
  type Finding,
  type Network,
  SomeRules,
} from '../contract/operations.ts';
import { version } from '../version.ts';
import { Refused } from './client.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { facts, plain, readInput, readToken, table, time } from './terminal.ts';

export function networkCommands(program: Command, setting: Setting): void {
  const network = program.command('network').description('how Steeple is reached: proxy, authorities, pinned keys');
  const say = (desk: Desk, shown: Network) => desk.say(shown, () => networkWords(shown));
  act(setting, network.command('show').description('what is set, and where it comes from'), async (desk) =>
    say(desk, await desk.ask('network.show', {})),
  );
  type Options = Readonly<{
    proxy?: string | false;
    noProxy?: string;
    exceptions?: string;
    proxyUser?: string;
    proxyPasswordStdin?: boolean;
    proxyPasswordFile?: string;
    authorities?: string | false;
    pin?: string[] | false;
    reason?: string;
  }>;
  act<Options>(
    setting,
    network
      .command('set')
      .description('change what is given, and leave the rest')
      .option('--proxy <url>', 'http://proxy.example.com:3128; without it HTTPS_PROXY of the environment counts')
      .addOption(new Option('--no-proxy', 'no proxy of its own any more'))
      .option('--exceptions <hosts>', 'hosts reached without the proxy, as NO_PROXY has them')
      .option('--proxy-user <user>', 'who the relay is to the proxy')
      .option('--proxy-password-stdin', 'read the proxy’s password from standard input')
      .addOption(new Option('--proxy-password-file <file>', 'or from a file').conflicts('proxyPasswordStdin'))
      .option('--authorities <file>', 'PEM certificates to trust besides the system’s; - is standard input')
      .option('--no-authorities', 'trust the system’s only')
      .option('--pin <sha256...>', 'keys Steeple may show: base64 of the SHA-256 of each public key')
      .option('--no-pin', 'take any key that a trusted authority vouches for')
      .option('--reason <text>', 'why, for the journal'),
    async (desk, _args, given) => {
      const { proxy, exceptions, proxyUser, authorities, pin, reason } = given;
      const password = given.proxyPasswordStdin ? '-' : given.proxyPasswordFile;
      const shown = await desk.ask('network.set', {
        ...(proxy !== undefined && { proxy: proxy === false ? null : proxy }),
        ...(exceptions !== undefined && { noProxy: exceptions }),
        ...(proxyUser !== undefined && { proxyUser: proxyUser === '' ? null : proxyUser }),
        ...(password !== undefined && { proxyPassword: await readToken(desk.terminal, password) }),
        ...(authorities !== undefined && {
          authorities: authorities === false ? null : await readInput(desk.terminal, authorities),
        }),
        ...(pin !== undefined && { pins: pin === false ? [] : pin }),
        ...(reason !== undefined && { reason }),
        by: desk.by,
      });
      say(desk, shown);
    },
  );
}

const networkWords = (shown: Network): string =>
  facts([
    [
      'Proxy',
      shown.proxy === null
        ? 'none'
        : `${shown.proxy} (${shown.proxyFrom === 'setting' ? 'set here' : 'from the environment'})`,
    ],
    ['Not by the proxy', shown.noProxy === '' ? 'this machine' : `this machine, ${shown.noProxy}`],
    [
      'Proxy user',
      shown.proxyUser === null ? 'none' : `${shown.proxyUser}${shown.proxyPassword ? ', with a password' : ''}`,
    ],
    [
      'Trusted besides',
      shown.authorities.map(({ subject, expiresAt }) => `${subject} until ${time(expiresAt)}`).join(', ') || 'nobody',
    ],
    ['Pinned keys', shown.pins.join(', ') || 'none'],
  ]);

export function expiryCommand(program: Command, setting: Setting): void {
  act(
    setting,
    program.command('expiry').description('certificates and tokens that end, the soonest first'),
    async (desk) => {
      const all = await desk.ask('expiry.list', {});
      desk.say(all, () =>
        table(
          ['ends', '', 'what', 'whose', 'what to do'],
          all.map(({ at, state, what, name, remedy }) => [time(at), state, what, name, remedy]),
          'Nothing that says when it ends.',
        ),
      );
    },
  );
}

export function alertCommands(program: Command, setting: Setting): void {
  const alert = program.command('alert').description('who is told, by web hook or mail, when something needs a person');
  const say = (desk: Desk, shown: Alerting) => desk.say(shown, () => alertWords(shown));
  act(setting, alert.command('show').description('the channels, the rules, and what stands now'), async (desk) =>
    say(desk, await desk.ask('alert.show', {})),
  );
  act<{ kind: string; name: string; to?: string; addressStdin?: boolean; addressFile?: string }>(
    setting,
    alert
      .command('add')
      .description('a channel that alerts go to')
      .requiredOption('--kind <kind>', ChannelKind.options.join(', '))
      .requiredOption('--name <name>', 'how you call it')
      .option('--to <addresses>', 'for mail: who gets it, with commas between')
      .option('--address-stdin', 'for a web hook: read its address, which is a secret, from standard input')
      .option('--address-file <file>', 'or from a file'),
    async (desk, _args, { kind, name, to, addressStdin, addressFile }) => {
      const known = ChannelKind.safeParse(kind);
      if (!known.success)
        throw new Refused('usage', `There is no kind "${plain(kind)}": ${ChannelKind.options.join(', ')}`);
      const file = addressStdin ? '-' : addressFile;
      const address = known.data === 'mail' ? to : file && (await readToken(desk.terminal, file));
      if (address === undefined)
        throw new Refused(
          'usage',
          known.data === 'mail' ? 'Give --to ADDRESSES' : 'Give --address-stdin or --address-file FILE',
        );
      say(desk, await desk.ask('alert.add', { kind: known.data, name, to: address, by: desk.by }));
    },
  );
  act(setting, alert.command('remove <id>').description('a channel that gets nothing more'), async (desk, [id = '']) =>
    say(desk, await desk.ask('alert.remove', { id, by: desk.by })),
  );
  act(setting, alert.command('test <id>').description('send one message now'), async (desk, [id = '']) => {
    const sent = await desk.ask('alert.test', { id });
    if (desk.json) desk.say(sent, () => '');
    if (!sent.ok) throw new Refused('alert', sent.detail);
    if (!desk.json) desk.say(sent, () => plain(sent.detail));
  });
  type Mail = Readonly<{
    host?: string;
    port?: number;
    security?: string;
    user?: string;
    from?: string;
    passwordStdin?: boolean;
    passwordFile?: string;
    none?: boolean;
  }>;
  act<Mail>(
    setting,
    alert
      .command('mail')
      .description('the server that sends mail')
      .option('--host <host>', 'its name')
      .option('--port <n>', 'its port (default: 587)', integer)
      .addOption(new Option('--security <how>', 'how it is secured').choices(['tls', 'starttls', 'none']))
      .option('--user <user>', 'who the relay is to it')
      .option('--password-stdin', 'read the password from standard input')
      .option('--password-file <file>', 'or from a file')
      .option('--from <address>', 'whom mail comes from')
      .option('--none', 'no mail any more'),
    async (desk, _args, { host, port, security, user, from, passwordStdin, passwordFile, none }) => {
      if (none) return say(desk, await desk.ask('alert.mail', { server: null, by: desk.by }));
      if (host === undefined || from === undefined) throw new Refused('usage', 'Give --host and --from, or --none');
      const file = passwordStdin ? '-' : passwordFile;
      const server = {
        host,
        from,
        ...(port !== undefined && { port }),
        ...(security !== undefined && { security: security as 'tls' | 'starttls' | 'none' }),
        ...(user !== undefined && { user }),
      };
      const password = file === undefined ? {} : { password: await readToken(desk.terminal, file) };
      return say(desk, await desk.ask('alert.mail', { server, ...password, by: desk.by }));
    },
  );
  act(
    setting,
    alert.command('rule <key> <value>').description(`change one rule: ${Object.keys(SomeRules.shape).join(', ')}`),
    async (desk, [key = '', value = '']) => {
      const read = SomeRules.safeParse({ [key]: ruleValue(key, value) });
      if (!read.success)
        throw new Refused('usage', `${plain(key)}: ${read.error.issues.map(({ message }) => message).join('; ')}`);
      say(desk, await desk.ask('alert.rules', { rules: read.data, by: desk.by }));
    },
  );
}

const listed = (value: string): string[] =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
const ruleValue = (key: string, value: string): unknown =>
  key === 'off' ? listed(value) : key === 'expiryDays' ? listed(value).map(Number) : Number(value);

function alertWords({ rules, channels, mail, standing }: Alerting): string {
  const parts = [
    table(
      ['id', 'kind', 'name', 'to', 'last'],
      channels.map(({ id, kind, name, to, last }) => [
        id,
        kind,
        name,
        to,
        last === null ? 'nothing sent yet' : `${time(last.at)} ${last.detail}`,
      ]),
      'No channel yet, so nobody is told. Add one: steeple-relay alert add --kind slack --name IT --address-stdin',
    ),
    facts([
      ['Mail server', mail === null ? 'none' : `${mail.host}:${mail.port} (${mail.security}) from ${mail.from}`],
      ['Held for more than', `${rules.heldHours} hours`],
      ['Steeple silent for', `${rules.downMinutes} minutes`],
      ['Before an end', `${rules.expiryDays.join(', ')} days`],
      ['Said again after', rules.repeatHours === 0 ? 'never' : `${rules.repeatHours} hours`],
      ['Switched off', rules.off.join(', ') || `nothing of ${AlertKind.options.join(', ')}`],
    ]),
    table(
      ['since', 'what stands now', 'what to do'],
      standing.map(({ since, title, remedy }) => [time(since), title, remedy]),
      'Nothing needs a person now.',
    ),
  ];
  return parts.join('\n\n');
}

export function keyCommands(program: Command, setting: Setting): void {
  const key = program.command('key').description('access keys: how the app on another machine speaks to this relay');
  const say = (desk: Desk, all: readonly Key[]) =>
    desk.say(all, () =>
      table(
        ['id', 'name', 'person', 'since', 'last used'],
        all.map(({ id, name, person, createdAt, seenAt }) => [
          id,
          name,
          person,
          time(createdAt),
          time(seenAt, 'not since the start'),
        ]),
        'No access key yet. Make one: steeple-relay key add --name "Ada’s laptop" --person ada',
      ),
    );
  act(setting, key.command('list').description('those there are'), async (desk) =>
    say(desk, await desk.ask('key.list', {})),
  );
  act<{ name: string; person: string }>(
    setting,
    key
      .command('add')
      .description('make one, for one person’s app; it is shown this once')
      .requiredOption('--name <name>', 'what it is for')
      .requiredOption('--person <name>', 'in whose name everything done with it is done'),
    async (desk, _args, { name, person }) => {
      const made = await desk.ask('key.add', { name, person, by: desk.by });
      desk.say(
        made,
        () =>
          `${facts([
            ['Address', made.console],
            ['Access key', made.key],
          ])}\nThe key is shown this once. Paste both in the app: Settings > This app > Another relay.`,
      );
    },
  );
  act(setting, key.command('revoke <id>').description('it opens nothing from now on'), async (desk, [id = '']) =>
    say(desk, await desk.ask('key.revoke', { id, by: desk.by })),
  );
}

export function doctorCommand(program: Command, setting: Setting): void {
  act(
    setting,
    program.command('doctor').description('look at everything the relay stands on, and say what to do'),
    async (desk) => {
      const found = await examined(desk);
      const mark = { fine: 'ok', warning: '!', wrong: 'x', unknown: '?' } as const;
      desk.say(found, () =>
        found
          .map(({ what, state, detail, remedy }) => {
            const line = `${mark[state].padEnd(3)}${what.padEnd(13)}${plain(detail)}`;
            return remedy === '' ? line : `${line}\n${' '.repeat(16)}→ ${plain(remedy)}`;
          })
          .join('\n'),
      );
      if (found.some(({ state }) => state === 'wrong')) desk.end(1);
    },
  );
}

/** Where no relay runs, what can be looked at without one. */
async function examined(desk: Desk): Promise<Finding[]> {
  try {
    return await desk.ask('doctor', {});
  } catch (thrown) {
    if (!(thrown instanceof Refused) || thrown.code !== 'offline') throw thrown;
    const { local } = await import('../doctor.ts');
    return [
      {
        what: 'relay',
        state: 'wrong',
        detail: thrown.message,
        remedy: 'Steeple, its token and the network are looked at once it runs.',
      },
      ...local(desk.data, `Node ${process.versions.node}, steeple-relay ${version}`, () => performance.now()),
    ];
  }
}
