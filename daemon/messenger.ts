/**
 * Brings a message to a channel: a web hook in Slack's form, in that of Teams (a workflow that takes an Adaptive Card), or
 * as plain JSON; or an e-mail. One try with a limit; whoever calls decides about more.
 *
 * A web hook's address is a secret: whoever has it can post. So it is in no error and no log. Messages carry counts and
 * kinds, never a person's name: they leave for systems that are not ours to guard.
 */
import { createTransport } from 'nodemailer';
import { request } from 'undici';
import type { ChannelKind, MailServer } from './contract/operations.ts';
import { Malformed } from './errors.ts';
import { loopback } from './loopback.ts';
import { dispatcherTo, type Route } from './route.ts';

export type Text = Readonly<{ title: string; detail: string; remedy: string; over: boolean; kind: string }>;
export type Sent = Readonly<{ ok: boolean; detail: string }>;

const limitMs = 15_000;

/** Posts to a web hook. Any 2xx is taken; a redirect is not followed. */
export async function hook(
  address: string,
  kind: Exclude<ChannelKind, 'mail'>,
  text: Text,
  options: Readonly<{ route: Route; console: string }>,
): Promise<Sent> {
  const { origin, pathname, search, host } = new URL(address);
  // Pins are for Steeple, and its certificate is not what is seen here.
  const way = dispatcherTo(
    origin,
    { ...options.route, pins: [], saw: undefined },
    { connections: 1, connectMs: 10_000 },
  );
  try {
    const { statusCode, body } = await request(`${origin}${pathname}${search}`, {
      dispatcher: way,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'steeple-companion' },
      body: JSON.stringify(shapes[kind](text, options.console)),
      signal: AbortSignal.timeout(limitMs),
    });
    await body.dump({ limit: 64 * 1024 });
    const ok = statusCode >= 200 && statusCode < 300;
    return { ok, detail: ok ? `${host} took it (${statusCode})` : `${host} answered ${statusCode}` };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    return {
      ok: false,
      detail: `${host} could not be reached (${late ? 'no answer in time' : code || 'no reason given'})`,
    };
  } finally {
    await way.destroy();
  }
}

/** A web hook's address, or why it cannot be one; it is not quoted. @throws Malformed */
export function hookAddress(text: string): URL {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Malformed('invalidValue', 'The web hook is not a web address: it must begin with https://');
  if (url.protocol === 'http:' && !loopback(url.hostname))
    throw new Malformed(
      'invalidValue',
      'The web hook begins with http://, so its secret would cross the network in clear',
    );
  return url;
}

/** Sends an e-mail to every recipient at once. */
export async function mail(
  server: MailServer,
  password: string | undefined,
  to: string,
  text: Text,
  options: Readonly<{ console: string; authorities: string | undefined }>,
): Promise<Sent> {
  const { host, port, security, user, from } = server;
  if (security === 'none' && !loopback(host))
    return {
      ok: false,
      detail: 'The mail server is not on this machine, and without TLS the password would be in clear',
    };
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    ...(options.authorities !== undefined && { tls: { ca: options.authorities } }),
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { rejected } = await transport.sendMail({
      from,
      to,
      subject: `[Steeple Companion] ${text.over ? 'Over: ' : ''}${text.title}`,
      text: [text.title, text.detail, text.remedy, options.console].filter((line) => line !== '').join('\n\n'),
      headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no out-of-office answers
    });
    return rejected.length === 0
      ? { ok: true, detail: `${host} took it` }
      : { ok: false, detail: `${host} refused ${rejected.length} of the recipients` };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason given';
    const why = code === 'EAUTH' ? 'it refused the user or the password' : `it could not be done (${code})`;
    return { ok: false, detail: `${host}: ${why}` };
  } finally {
    transport.close();
  }
}

const shapes = {
  /** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: `text` is Slack's mrkdwn. */
  slack: ({ title, detail, remedy, over }: Text, console: string) => {
    const plain = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const lines = [`*${over ? ':white_check_mark:' : ':warning:'} ${plain(title)}*`, plain(detail), plain(remedy)];
    return { text: [...lines, console === '' ? '' : `<${console}|Open the console>`].filter(Boolean).join('\n') };
  },
  /** A Teams workflow ("When a Teams webhook request is received") takes an Adaptive Card in an attachment. */
  teams: ({ title, detail, remedy, over }: Text, console: string) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            {
              type: 'TextBlock',
              text: title,
              weight: 'bolder',
              size: 'medium',
              wrap: true,
              color: over ? 'good' : 'warning',
            },
            ...[detail, remedy].filter(Boolean).map((text) => ({ type: 'TextBlock', text, wrap: true })),
          ],
          actions: console === '' ? [] : [{ type: 'Action.OpenUrl', title: 'Open the console', url: console }],
        },
      },
    ],
  }),
  json: ({ title, detail, remedy, over, kind }: Text, console: string) => ({
    product: 'steeple-companion',
    kind,
    state: over ? 'over' : 'standing',
    title,
    detail,
    remedy,
    console,
  }),
} as const;
