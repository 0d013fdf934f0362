/**
 * Tells people what needs them, where they are: once a minute what stands is compared with what was told (core/alerts.ts),
 * and what is due goes to every channel (messenger.ts).
 *
 * A message counts as told once one channel took it; what no channel took is tried again the next minute. A channel that
 * failed while another worked gets its message again, for an hour. Nothing is written while nothing changes.
 *
 * Secrets (addresses of web hooks, the mail server's password) are in the vault (S1).
 */
import { z } from 'zod';
import type { Alerting, AlertRules, ChannelKind, MailServer } from './contract/operations.ts';
import { alertsOf, due, type Facts, type Message } from './core/alerts.ts';
import { Malformed, NotFound } from './errors.ts';
import type { Log } from './log.ts';
import { hook, hookAddress, mail, type Sent, type Text } from './messenger.ts';
import type { Route } from './route.ts';
import type { Vault } from './secrets.ts';
import type { AlertSetting, Settings } from './store/settings.ts';

type Channel = AlertSetting['channels'][number];
type Decision = Readonly<{ what: string; [more: string]: unknown }>;
type Decide = (by: string, body: Decision, work: () => void) => Promise<void>;
export type Alerts = ReturnType<typeof alerts>;

const everyMs = 60_000;
const tryAgainMs = 60 * 60_000;
const Hooks = z.record(z.string(), z.string());

export function alerts(
  parts: Readonly<{
    settings: Settings;
    vault: Vault;
    facts: () => Promise<Facts>;
    route: () => Route;
    /** Where the console is, for the link in a message; '' for none. */
    console: () => string;
    decide: Decide;
    newId: () => string;
    now: () => number;
    log: Pick<Log, 'warn' | 'info' | 'error'>;
  }>,
) {
  const { settings, vault, facts, now, log } = parts;
  const last = new Map<string, { at: number; ok: boolean; detail: string }>();
  let missed: { channel: string; message: Message; until: number }[] = [];

  const hooks = async (): Promise<Record<string, string>> =>
    Hooks.parse(JSON.parse((await vault.get('alert-hooks')) ?? '{}'));

  async function send(channel: Channel, text: Text): Promise<Sent> {
    const { mail: server } = settings.get('alerts');
    let sent: Sent;
    try {
      if (channel.kind === 'mail') {
        sent =
          server === null
            ? { ok: false, detail: 'No mail server is set' }
            : await mail(server, await vault.get('mail-password'), channel.to, text, {
                console: parts.console(),
                authorities: parts.route().authorities,
              });
      } else {
        const address = (await hooks())[channel.id];
        sent =
          address === undefined
            ? { ok: false, detail: 'The address of this web hook is gone; remove the channel and add it again' }
            : await hook(address, channel.kind, text, { route: parts.route(), console: parts.console() });
      }
    } catch (cause) {
      log.error('alert not sent', { error: cause });
      sent = { ok: false, detail: cause instanceof Error ? cause.message : 'it failed' };
    }
    last.set(channel.id, { at: now(), ...sent });
    if (!sent.ok) log.warn('alert not sent', { kind: channel.kind, detail: sent.detail });
    return sent;
  }

  async function look(): Promise<void> {
    const { rules, channels } = settings.get('alerts');
    if (channels.length === 0) return; // the first channel hears of everything that stands then
    const told = settings.get('standing');
    const at = now();
    const next = due(alertsOf(await facts(), rules, at), told, rules, at);
    const again = missed.filter(({ until }) => until > at);
    missed = [];
    for (const { channel, message, until } of again) await deliver(channel, message, until);
    let reached = next.messages.length === 0;
    for (const message of next.messages) {
      const outcomes = await Promise.all(channels.map(({ id }) => deliver(id, message, at + tryAgainMs)));
      reached ||= outcomes.includes(true);
    }
    if (!reached) {
      missed = []; // all of it is due again the next minute
      return;
    }
    if (JSON.stringify(next.told) !== JSON.stringify(told)) settings.set('standing', [...next.told]);
  }

  async function deliver(id: string, message: Message, until: number): Promise<boolean> {
    const channel = settings.get('alerts').channels.find((one) => one.id === id);
    if (channel === undefined) return false; // removed since
    const { ok } = await send(channel, textOf(message));
    if (!ok) missed.push({ channel: id, message, until });
    return ok;
  }

  async function show(): Promise<Alerting> {
    const { rules, channels, mail: server } = settings.get('alerts');
    return {
      rules,
      channels: channels.map((channel) => ({ ...channel, last: last.get(channel.id) ?? null })),
      mail: server === null ? null : { ...server, password: await vault.has('mail-password') },
      standing: alertsOf(await facts(), rules, now()),
    };
  }
  async function change(by: string, body: Decision, to: Partial<AlertSetting>) {
    await parts.decide(by, body, () => settings.set('alerts', { ...settings.get('alerts'), ...to }));
    return show();
  }

  // One look at a time: a slow channel must not make the next minute tell everything again.
  let looking: Promise<void> | undefined;
  const turn = (): Promise<void> => {
    looking ??= look()
      .catch((cause: unknown) => log.error('alerts not looked at', { error: cause }))
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const timer = setInterval(() => void turn(), everyMs).unref();

  return {
    show,
    look: turn,
    async rules(rules: { readonly [R in keyof AlertRules]?: AlertRules[R] | undefined }, by: string) {
      const given = Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
      return change(by, { what: 'alert.rules', ...given }, { rules: { ...settings.get('alerts').rules, ...given } });
    },
    /** @throws Malformed for a sender that is no address */
    async mail(server: MailServer | null, password: string | undefined, by: string) {
      if (server !== null && !/^[^\s@]+@[^\s@]+$|<[^\s@]+@[^\s@]+>$/.test(server.from))
        throw new Malformed('invalidValue', `"${server.from}" is no address that mail can come from`);
      // A password is for its server, and goes before the address does: another one must not be shown it, even where this is
      // cut short.
      const before = settings.get('alerts').mail;
      const isOther = server?.host !== before?.host || server?.port !== before?.port || server?.user !== before?.user;
      if (isOther || server?.user === null) await vault.remove('mail-password');
      await change(by, { what: 'alert.mail', host: server?.host ?? null }, { mail: server });
      if (server !== null && password !== undefined) await vault.set('mail-password', password);
      return show();
    },
    /** @throws Malformed for an address that cannot be one */
    async add(kind: ChannelKind, name: string, to: string, by: string) {
      const id = parts.newId();
      const channels = settings.get('alerts').channels;
      const shown = kind === 'mail' ? recipients(to) : hookAddress(to).host;
      if (kind !== 'mail') await vault.set('alert-hooks', JSON.stringify({ ...(await hooks()), [id]: to.trim() }));
      return change(
        by,
        { what: 'alert.add', kind, name, to: shown },
        { channels: [...channels, { id, kind, name, to: shown }] },
      );
    },
    /** @throws NotFound */
    async remove(id: string, by: string) {
      const { channels } = settings.get('alerts');
      const { kind, name } = found(channels, id);
      const answer = await change(
        by,
        { what: 'alert.remove', kind, name },
        { channels: channels.filter((one) => one.id !== id) },
      );
      const { [id]: _, ...rest } = await hooks();
      if (Object.keys(rest).length === 0) await vault.remove('alert-hooks');
      else await vault.set('alert-hooks', JSON.stringify(rest));
      return answer;
    },
    /** @throws NotFound */
    test: async (id: string): Promise<Sent> =>
      send(found(settings.get('alerts').channels, id), {
        title: 'This is a test',
        detail: 'Steeple Companion tells you here when something needs a person.',
        remedy: '',
        over: false,
        kind: 'test',
      }),
    async stop(): Promise<void> {
      clearInterval(timer);
      await looking;
    },
  };
}

function found(channels: readonly Channel[], id: string): Channel {
  const channel = channels.find((one) => one.id === id);
  if (channel === undefined) throw new NotFound(`There is no channel "${id}" that alerts go to`);
  return channel;
}

/** @throws Malformed naming the first that is no address */
function recipients(text: string): string {
  const all = text.split(',').map((one) => one.trim());
  const wrong = all.find((one) => !/^[^\s@<>]+@[^\s@<>]+$/.test(one));
  if (wrong !== undefined) throw new Malformed('invalidValue', `"${wrong}" is no e-mail address`);
  return all.join(', ');
}

const textOf = ({ state, alert: { title, detail, remedy, kind } }: Message): Text => ({
  title,
  detail,
  remedy,
  over: state === 'over',
  kind,
});
