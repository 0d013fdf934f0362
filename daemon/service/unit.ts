/**
 * What each system wants to read about a service, as text: a systemd unit, a launchd property list, a Windows task.
 *
 * Values only: nothing is written or run here (installer.ts does). Sources: systemd.exec(5) and systemd.service(5),
 * launchd.plist(5), and Microsoft's Task Scheduler schema 1.2.
 */

/** `program` starts the relay when `options` follow it; `data` is its folder. */
export type Wanted = Readonly<{ program: readonly string[]; data: string; options: readonly string[] }>;
/** systemd only: files handed over as credentials, by name. The service may read no other file of root's. */
export type Credentials = Readonly<Record<string, string>>;

export const label = 'steeple-relay';

/**
 * A unit that runs as a user of its own making (DynamicUser), sees nothing of the machine it does not need, and writes to
 * its data folder only. `MemoryDenyWriteExecute` is not there: V8 compiles as it runs.
 */
export function systemdUnit({ program, data, options }: Wanted, credentials: Credentials): string {
  const own = /^\/var\/lib\/([\w.-]+)$/.exec(data)?.[1];
  const low = options.some((option) => /:(\d{1,3}|10[01]\d|102[0-3])$/.test(option) && !option.endsWith(':0'));
  const lines = [
    '[Unit]',
    'Description=Steeple Companion: SCIM relay between the identity provider and Steeple',
    'After=network-online.target',
    'Wants=network-online.target',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[...program, 'start', '--data', data, ...options].map(unitWord).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=2',
    'TimeoutStopSec=30',
    'KillMode=mixed',
    'SyslogIdentifier=steeple-relay',
    ...Object.entries(credentials).map(([name, file]) => `LoadCredential=${name}:${file}`),
    '',
    '# Who it is, and where it may write',
    'DynamicUser=yes',
    ...(own === undefined
      ? [`ReadWritePaths=${unitWord(data)}`]
      : [`StateDirectory=${own}`, 'StateDirectoryMode=0700']),
    'UMask=0077',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectProc=invisible',
    '',
    '# What it may do',
    'NoNewPrivileges=yes',
    low ? 'AmbientCapabilities=CAP_NET_BIND_SERVICE' : 'AmbientCapabilities=',
    low ? 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE' : 'CapabilityBoundingSet=',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'RemoveIPC=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@privileged @resources',
    'SystemCallErrorNumber=EPERM',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ];
  return lines.join('\n');
}

/** systemd.syntax(7): quoted where it has spaces; `%` and `$` are specifiers, and doubled to be themselves. */
const unitWord = (word: string): string => {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  // `%d` is where this unit's credentials are; it is ours, and stays.
  const kept = plain.replace(/^%%d\//, '%d/');
  return /[\s"'\\;]/.test(kept) ? `"${kept.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : kept;
};

/** A daemon of the system (`/Library/LaunchDaemons`), started at boot and again when it ends by itself. */
export function launchdPlist({ program, data, options }: Wanted): string {
  const words = [...program, 'start', '--data', data, ...options].map((word) => `    <string>${xml(word)}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>com.steeple-companion.relay</string>
  <key>ProgramArguments</key>
  <array>
${words.join('\n')}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
}

/**
 * A task of Windows' Task Scheduler that starts at boot, before anybody logs in, as LOCAL SERVICE, and again a minute after
 * it failed. A program is a Windows service only if it speaks to the service manager, which Node does not.
 */
export function windowsTask({ program, data, options }: Wanted): string {
  const [command = '', ...rest] = program;
  const words = [...rest, 'start', '--data', data, ...options].map(windowsWord).join(' ');
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Steeple Companion: SCIM relay between the identity provider and Steeple</Description>
    <URI>\\${label}</URI>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger><Enabled>true</Enabled></BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>S-1-5-19</UserId>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xml(command)}</Command>
      <Arguments>${xml(words)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** As CommandLineToArgvW reads it back: backslashes count only before a quote. */
const windowsWord = (word: string): string =>
  word !== '' && !/[\s"]/.test(word)
    ? word
    : `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, (slashes) => slashes + slashes)}"`;
