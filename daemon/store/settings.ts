/**
 * What the relay remembers about itself: small values by name, each read through its schema.
 *
 * Secrets are not here, and may not be: they live in the keychain or the sealed file (secrets.ts).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { Backup, BackupSchedule } from '../contract/backup.ts';
import { DriftReport } from '../contract/drift.ts';
import { AlertRules, ChannelKind, MailServer, Pin } from '../contract/operations.ts';
import { Policy, Proposal } from '../contract/policy.ts';
import { perConnection } from './db.ts';

export const SyncState = z.object({
  state: z.enum(['off', 'on']),
  since: z.int().nullable(),
  by: z.string().nullable(),
  plan: z.string().nullable(),
  /** Off, and still sending what was owed when it was switched off. */
  sending: z.boolean().optional(),
  /** Off, and the accounts that the relay made in Steeple are taken back. */
  takingBack: z.boolean().optional(),
  /** On for the first time, and not everybody is planned yet: nothing is taken away without a person. */
  first: z.boolean().optional(),
});
export type SyncState = z.infer<typeof SyncState>;
const Said = z.object({ by: z.string(), at: z.int(), note: z.string() });
export const UpstreamAddress = z.object({ url: z.string().nullable(), apiUrl: z.string().nullable() });
export type UpstreamAddress = z.infer<typeof UpstreamAddress>;
/** How Steeple is reached; the proxy's password is in the vault. */
export const NetworkSetting = z.object({
  proxy: z.string().nullable(),
  noProxy: z.string(),
  proxyUser: z.string().nullable(),
  authorities: z.string().nullable(),
  pins: z.array(Pin),
});
export type NetworkSetting = z.infer<typeof NetworkSetting>;
/** Who is told what; addresses of web hooks and the mail server's password are in the vault. */
export const AlertSetting = z.object({
  rules: AlertRules,
  channels: z.array(z.object({ id: z.string(), kind: ChannelKind, name: z.string(), to: z.string() })),
  mail: MailServer.nullable(),
});
export type AlertSetting = z.infer<typeof AlertSetting>;
/** An access key of somebody's app; `hash` is the SHA-256 of it, base64. */
export const KeySetting = z.object({
  id: z.string(),
  name: z.string(),
  person: z.string(),
  hash: z.string(),
  createdAt: z.int(),
});
export type KeySetting = z.infer<typeof KeySetting>;
/** What stands, since when, and when it was last told, so that a restart tells nothing twice. */
export const Standing = z.object({ key: z.string(), since: z.int(), toldAt: z.int(), step: z.int() });
export type Standing = z.infer<typeof Standing>;

/** Backups by the clock: `made` are the files of the schedule that are still there, the oldest first. */
export const BackupSetting = z.object({
  schedule: BackupSchedule.nullable(),
  last: Backup.nullable(),
  problem: z.string().nullable(),
  made: z.array(z.string()),
});

const shapes = {
  /** Archives that still hold what was erased: rewritten at the next occasion. */
  erasing: z.array(z.string()).default([]),
  /** Where what was erased may still linger: in free pages of the file, which was not written anew since, or in its log. */
  unswept: z.enum(['nowhere', 'file', 'log']).default('nowhere'),
  backups: BackupSetting.default({ schedule: null, last: null, problem: null, made: [] }),
  sync: SyncState.default({ state: 'off', since: null, by: null, plan: null }),
  policy: Policy.default(Policy.parse({})),
  /** A looser policy that waits for a second person, and the session it was proposed in. */
  proposal: Proposal.extend({ via: z.string(), session: z.string() }).nullable().default(null),
  upstream: UpstreamAddress.default({ url: null, apiUrl: null }),
  network: NetworkSetting.default({ proxy: null, noProxy: '', proxyUser: null, authorities: null, pins: [] }),
  alerts: AlertSetting.default({ rules: AlertRules.parse({}), channels: [], mail: null }),
  standing: z.array(Standing).default([]),
  keys: z.array(KeySetting).default([]),
  /** When Steeple was last read from end to end. */
  scannedAt: z.int().nullable().default(null),
  /** What plans are made from, as numbers that move when it is another (grounds.ts). */
  grounds: z.object({ entry: z.int(), observed: z.int() }).default({ entry: 0, observed: 0 }),
  /** How the last scan while sync was on ended. */
  drift: DriftReport.nullable().default(null),
  /** Everybody is owed a plan for entry `seq`, from person number `next` on (owed.ts). */
  sweep: z.object({ seq: z.int(), next: z.int() }).nullable().default(null),
  /** What people said for the pre-flight: SSO is configured; a full cycle of a source was seen; counts at the provider. */
  sso: Said.nullable().default(null),
  cycles: z.record(z.string(), Said).default({}),
  expected: z
    .record(
      z.string(),
      z.object({ users: z.int().nullable(), groups: z.int().nullable(), by: z.string(), at: z.int() }),
    )
    .default({}),
} as const;
type Shapes = typeof shapes;
export type SettingName = keyof Shapes;
export type Setting<N extends SettingName> = z.infer<Shapes[N]>;
export type Settings = ReturnType<typeof prepared>;

/** One for each connection (db.ts). */
export const settings = perConnection(prepared);

function prepared(db: Database) {
  const read = db.prepare<{ key: string }, { value: string }>('SELECT value FROM setting WHERE key = @key');
  const write = db.prepare<{ key: string; value: string }>(`
    INSERT INTO setting (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value`);
  // Read at every turn of sending, and parsed only when the text is another: a rollback cannot leave it behind.
  const parsed = new Map<SettingName, Readonly<{ text: string | undefined; value: unknown }>>();
  return {
    /** The stored value, or the default. Inside or outside a transaction. Not to be changed by whoever asks. */
    get<N extends SettingName>(key: N): Setting<N> {
      const text = read.get({ key })?.value;
      const known = parsed.get(key);
      if (known !== undefined && known.text === text) return known.value as Setting<N>;
      const value = shapes[key].parse(text === undefined ? undefined : JSON.parse(text));
      parsed.set(key, { text, value });
      return value as Setting<N>;
    },
    /** Inside the caller's transaction where it belongs with other writes. */
    set<N extends SettingName>(key: N, value: Setting<N>): void {
      write.run({ key, value: JSON.stringify(shapes[key].parse(value)) });
    },
  };
}
