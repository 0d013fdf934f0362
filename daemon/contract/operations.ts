/**
 * Running the relay: how it reaches Steeple (proxy, authorities, pins), what runs out and when, and who is told when
 * something needs a person. Passwords and the addresses of web hooks are secrets: they go in, and never come out.
 */
import { z } from 'zod';
import { call, none, reason } from './call.ts';
import { Said } from './said.ts';

const by = z.string().min(1).max(200);

/** SHA-256 of a public key (its SubjectPublicKeyInfo), as base64: what `openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64` gives. */
export const Pin = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'is not the base64 of a SHA-256');

/** How the relay reaches Steeple. */
export const Network = z.object({
  /** Without user and password; null: none is set here. */
  proxy: z.string().nullable(),
  /** Hosts that are reached without it, as NO_PROXY has them. */
  noProxy: z.string(),
  proxyUser: z.string().nullable(),
  proxyPassword: z.boolean(),
  /** Where the proxy comes from: our own setting, the environment of the process, or there is none. */
  proxyFrom: z.enum(['setting', 'environment', 'none']),
  /** Authorities trusted beside those of the operating system. */
  authorities: z.array(z.object({ subject: z.string(), expiresAt: z.int(), fingerprint: z.string() })),
  /** When not empty, Steeple must show one of these keys (or an authority's above it). */
  pins: z.array(Pin),
});
export type Network = z.infer<typeof Network>;

export const ExpiryState = z.enum(['fine', 'soon', 'over']);
/** Something that stops working at a time that is known. `soon` is within 30 days. */
export const Expiry = z.object({
  what: z.enum([
    'listener-certificate',
    'client-authority',
    'upstream-certificate',
    'authority',
    'upstream-token',
    'api-token',
    'old-source-token',
  ]),
  /** Whose: a certificate's subject, or the id of a source. */
  name: z.string(),
  at: z.int(),
  state: ExpiryState,
  /** What to do about it, in words. */
  remedy: z.string(),
});
export type Expiry = z.infer<typeof Expiry>;

/** What a person is told of. */
export const AlertKind = z.enum([
  'held-too-long',
  'token-refused',
  'upstream-down',
  'dead-letters',
  'source-shrank',
  'drift',
  'expiring',
  'journal-trouble',
  'backup-failed',
  /** The day has come to look again at accounts that were declared external. */
  'external-due',
]);
export type AlertKind = z.infer<typeof AlertKind>;
export const ChannelKind = z.enum(['slack', 'teams', 'json', 'mail']);
export type ChannelKind = z.infer<typeof ChannelKind>;

export const Channel = z.object({
  id: z.string(),
  kind: ChannelKind,
  name: z.string(),
  /** A web hook's host only: the rest of its address is a secret. Mail: the recipients. */
  to: z.string(),
  /** What the last message came to; null: none was sent yet. */
  last: z.object({ at: z.int(), ok: z.boolean(), detail: z.string() }).nullable(),
});
export type Channel = z.infer<typeof Channel>;
export const MailServer = z.strictObject({
  host: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535).default(587),
  /** 'starttls' refuses to go on where the server does not offer it. 'none' is for loopback only. */
  security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
  user: z.string().max(255).nullable().default(null),
  from: z.string().min(3).max(320),
});
export type MailServer = z.infer<typeof MailServer>;

/** An alert that stands. */
export const Alert = z.object({
  kind: AlertKind,
  /** Tells alerts of one kind apart: a source, a certificate. '' where there is only one. */
  about: z.string(),
  since: z.int(),
  title: z.string(),
  detail: z.string(),
  remedy: z.string(),
  /** The same by code; null where it is not a sentence of ours. */
  titleSaid: Said.nullable().optional(),
  detailSaid: Said.nullable().optional(),
  remedySaid: Said.nullable().optional(),
});
export type Alert = z.infer<typeof Alert>;

const rule = {
  /** An item held for longer is worth a message. */
  heldHours: z
    .number()
    .min(0)
    .max(24 * 365),
  /** Steeple not answering for longer is. */
  downMinutes: z
    .number()
    .min(0)
    .max(60 * 24 * 7),
  /** Days before an end at which a message goes out, each once. */
  expiryDays: z.array(z.int().min(0).max(365)).max(10),
  /** What stands is said again after so many hours; 0: once is enough. */
  repeatHours: z
    .number()
    .min(0)
    .max(24 * 30),
  off: z.array(AlertKind),
};
export const AlertRules = z.strictObject({
  heldHours: rule.heldHours.default(24),
  downMinutes: rule.downMinutes.default(30),
  expiryDays: rule.expiryDays.default([30, 14, 7, 1]),
  repeatHours: rule.repeatHours.default(24),
  off: rule.off.default([]),
});
/** Some of them; not `AlertRules.partial()`, whose defaults would set the rest back. */
export const SomeRules = z.strictObject(rule).partial();
export type AlertRules = z.infer<typeof AlertRules>;

export const Alerting = z.object({
  rules: AlertRules,
  channels: z.array(Channel),
  mail: MailServer.extend({ password: z.boolean() }).nullable(),
  standing: z.array(Alert),
});
export type Alerting = z.infer<typeof Alerting>;

/** One thing the doctor looked at. `remedy` is '' where nothing needs to be done. */
export const Finding = z.object({
  what: z.enum([
    'relay',
    'versions',
    'disk',
    'fsync',
    'database',
    'secrets',
    'dns',
    'proxy',
    'tls',
    'clock',
    'token',
    'sso',
    'capabilities',
    'certificates',
    'sources',
  ]),
  state: z.enum(['fine', 'warning', 'wrong', 'unknown']),
  detail: z.string(),
  remedy: z.string(),
  /** The same by code; null for what is not a sentence of ours. */
  detailSaid: Said.nullable().optional(),
  remedySaid: Said.nullable().optional(),
});
export type Finding = z.infer<typeof Finding>;

export const operationsCalls = {
  /** Looks at everything the relay stands on; asks Steeple two or three questions, and writes nothing there. */
  doctor: call(none, z.array(Finding)),

  'network.show': call(none, Network),
  'network.set': call(
    z.strictObject({
      proxy: z.string().max(500).nullable().optional(),
      noProxy: z.string().max(5000).optional(),
      proxyUser: z.string().max(255).nullable().optional(),
      proxyPassword: z.string().min(1).max(1000).nullable().optional(),
      /** PEM text; replaces what was there. */
      authorities: z.string().max(1_000_000).nullable().optional(),
      pins: z.array(Pin).max(20).optional(),
      reason,
      by,
    }),
    Network,
  ),
  'expiry.list': call(none, z.array(Expiry)),

  'alert.show': call(none, Alerting),
  'alert.rules': call(z.strictObject({ rules: SomeRules, by }), Alerting),
  'alert.mail': call(
    z.strictObject({ server: MailServer.nullable(), password: z.string().min(1).max(1000).optional(), by }),
    Alerting,
  ),
  'alert.add': call(
    z.strictObject({
      kind: ChannelKind,
      name: z.string().min(1).max(100),
      /** The web hook's address; for mail, recipients with commas between. */
      to: z.string().min(3).max(2000),
      by,
    }),
    Alerting,
  ),
  'alert.remove': call(z.strictObject({ id: z.string(), by }), Alerting),
  /** Sends one message that says it is a test, now, and answers what came of it. */
  'alert.test': call(z.strictObject({ id: z.string() }), z.object({ ok: z.boolean(), detail: z.string() })),
} as const;
