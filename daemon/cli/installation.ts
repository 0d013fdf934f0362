/** `service`: the relay in the care of systemd, launchd or Windows, so that it answers providers when nobody is logged in. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { carryOut, installing, type Step, serviceStatus, uninstalling, usualData } from '../service/installer.ts';
import { root } from '../version.ts';
import { Refused } from './client.ts';
import type { Globals, Setting } from './desk.ts';
import { facts, plain } from './terminal.ts';

type Options = Globals &
  Readonly<{
    scim?: string;
    console?: string;
    publicUrl?: string;
    trustProxy?: string;
    tlsCert?: string;
    tlsKey?: string;
    logFile?: string;
    show?: boolean;
    root?: string;
  }>;

export function serviceCommands(program: Command, { terminal }: Setting): void {
  const service = program.command('service').description('run the relay as a service of this machine');
  const say = (json: boolean, value: unknown, words: string) =>
    void terminal.stdout.write(`${json ? JSON.stringify(value) : words}\n`);
  const place = ({ root: prefix }: Options) => ({
    platform: process.platform,
    prefix: prefix === undefined ? '' : resolve(prefix),
  });

  service
    .command('install')
    .description('write it down for systemd, launchd or the Task Scheduler, and start it')
    .option('--scim <host:port>', 'where providers push to')
    .option('--console <host:port>', 'where browsers find the console')
    .option('--public-url <url>', 'what providers call this relay when a proxy stands before it')
    .option('--trust-proxy <ranges>', 'addresses of that proxy')
    .option('--tls-cert <file>', 'PEM certificate; systemd hands it to the service, which may read no other file')
    .option('--tls-key <file>', 'PEM private key')
    .option('--log-file <file>', 'log there instead of into the system’s log (launchd and Windows)')
    .option('--show', 'only show what would be written and run')
    .option('--root <dir>', 'install into the system that lies there: an image, not this machine')
    .action((_options: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { tlsCert, tlsKey, json = false, show = false } = options;
      if ((tlsCert === undefined) !== (tlsKey === undefined))
        throw new Refused('usage', '--tls-cert and --tls-key go together: give both files, or neither');
      const { platform, prefix } = place(options);
      const data = options.data === undefined ? usualData(platform) : resolve(options.data);
      const start = ['scim', 'console', 'publicUrl', 'trustProxy', 'logFile'] as const;
      const words = start.flatMap((name) => {
        const value = options[name];
        return value === undefined ? [] : [`--${name.replace(/[A-Z]/g, (a) => `-${a.toLowerCase()}`)}`, value];
      });
      const wanted = { program: [process.execPath, join(root, 'out/main/cli.js')], data, options: words };
      const tls = tlsCert && tlsKey ? { cert: resolve(tlsCert), key: resolve(tlsKey) } : undefined;
      const steps = installing(wanted, tls, { platform, prefix });
      if (!show) carryOut(steps);
      say(
        json,
        { data, steps },
        `${steps.map((step) => stepWords(step, show)).join('\n')}\n\nData folder  ${plain(data)}`,
      );
    });

  service
    .command('uninstall')
    .description('stop it and forget it; the data folder and its key stay')
    .option('--show', 'only show what would be removed and run')
    .option('--root <dir>', 'in the system that lies there')
    .action((_options: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { json = false, show = false } = options;
      const steps = uninstalling(place(options));
      if (!show) carryOut(steps);
      say(json, { steps }, steps.map((step) => stepWords(step, false)).join('\n'));
    });

  service
    .command('status')
    .description('whether it is installed, and whether it runs')
    .option('--root <dir>', 'in the system that lies there')
    .action((_options: object, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const status = serviceStatus(place(options));
      const words = facts([
        ['Installed', status.installed ? 'yes' : 'no'],
        ['Running', status.running ? 'yes' : 'no'],
        ['The system says', plain(status.detail)],
      ]);
      say(options.json ?? false, status, words);
    });
}

function stepWords(step: Step, whole: boolean): string {
  switch (step.do) {
    case 'write':
      return whole
        ? `write   ${plain(step.file)}\n\n${step.text.replace(/^\ufeff/, '')}`
        : `write   ${plain(step.file)}`;
    case 'key':
      return `key     ${plain(step.file)} (made if it is not there)`;
    case 'remove':
      return `remove  ${plain(step.file)}`;
    case 'run':
      return `run     ${plain(step.words.join(' '))}`;
  }
}
