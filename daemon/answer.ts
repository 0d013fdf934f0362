/**
 * What an exchange with Steeple comes to: a closed set of outcomes, so that whoever writes to Steeple decides by `kind`
 * and never by status numbers.
 *
 * It may not quote the server freely: `detail` is a line of bounded length, without markup, and without the token even if
 * the server sent it back (S1).
 */
import type { Json, JsonObject } from './contract/scim.ts';
import type { Answered, Exchanged } from './exchange.ts';

export type Answer<T> =
  | Readonly<{ kind: 'ok'; status: number; value: T }>
  /** 404. On a search it may as well mean that the URL is wrong; on an update it proves nothing (D6). */
  | Readonly<{ kind: 'missing' }>
  /** 409: somebody holds that name already. */
  | Readonly<{ kind: 'conflict'; detail: string }>
  /** Any other 4xx: it will be refused again. */
  | Readonly<{ kind: 'refused'; status: number; detail: string; scimType?: string }>
  /** `sso`: a 403 whose words speak of single sign-on, which Steeple wants configured first. */
  | Readonly<{ kind: 'unauthorized'; status: 401 | 403; detail: string; sso: boolean }>
  /** 429, 503, 408, 425: not applied; come back later, and not before `retryAfterMs` where the server says so. */
  | Readonly<{ kind: 'busy'; status: number; retryAfterMs?: number; detail: string }>
  /** Any other 5xx: may or may not have been applied. */
  | Readonly<{ kind: 'failed'; status: number; detail: string }>
  /** Sent, but no whole answer came: may have been applied. */
  | Readonly<{ kind: 'lost'; detail: string }>
  /** Never sent. `tls`: the server was there, but a secure connection was not agreed. */
  | Readonly<{ kind: 'unreachable'; detail: string; remedy: string; tls: boolean }>
  /** 2xx or 3xx that is not what it should be: HTML, cut JSON, a redirect. A write may have been applied. */
  | Readonly<{ kind: 'odd'; status: number; detail: string }>;

/** What a body was read as, or what is wrong with it. */
export type Reading<T> = Readonly<{ value: T } | { fault: string }>;

/**
 * @param read makes a value of a 2xx body; gets `undefined` where there is none
 * @param token is taken out of every detail
 */
export function judge<T>(
  exchanged: Exchanged,
  token: string,
  now: () => number,
  read: (body: Json | undefined) => Reading<T>,
): Answer<T> {
  if (exchanged.kind !== 'answered') return exchanged;
  const { status } = exchanged;
  const odd = (what: string): Answer<T> => ({ kind: 'odd', status, detail: line(what, token) });
  if (status < 300) {
    if (status === 202)
      return odd('Steeple answered 202: it took the request, but does not say that it was carried out');
    const body = bodyOf(exchanged);
    const reading = 'fault' in body ? body : read(body.value);
    return 'fault' in reading
      ? odd(`Steeple answered ${status} with ${reading.fault}`)
      : { kind: 'ok', status, ...reading };
  }
  if (status < 400) {
    const to = exchanged.location?.replace(/[?#].*/s, '') ?? 'nowhere';
    return odd(
      `Steeple answered ${status}, a redirect to ${to}, which is not followed: the token goes to one server only`,
    );
  }
  if (status === 404) return { kind: 'missing' };
  const { detail, scimType } = refusalOf(exchanged, token);
  if (status === 409) return { kind: 'conflict', detail };
  if (status === 401 || status === 403)
    return { kind: 'unauthorized', status, detail, sso: status === 403 && sso.test(detail) };
  // 408 and 425: the server did not act on the request and invites to repeat it (RFC 9110 §15.5.9, RFC 8470 §5.2).
  if ([408, 425, 429, 503].includes(status)) {
    const retryAfterMs = waitOf(exchanged, now);
    return { kind: 'busy', status, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status >= 500) return { kind: 'failed', status, detail };
  return { kind: 'refused', status, detail, ...(scimType !== undefined && { scimType }) };
}

const sso = /\bSSO\b|single[\s-]*sign[\s-]*on|authentification unique/i;

const longestWaitMs = 24 * 60 * 60 * 1000;

/** RFC 9110 §10.2.3: seconds, or a date, which is read by the server's clock where it shows one. At most a day. */
function waitOf({ retryAfter, date }: Answered, now: () => number): number | undefined {
  const text = retryAfter?.trim() ?? '';
  if (text === '') return undefined;
  // All three forms of a date begin with a day of the week. Date.parse alone takes "-5" for a day in 2001, long over.
  const until = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text) ? Date.parse(text) : Number.NaN;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : until - (Date.parse(date ?? '') || now());
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestWaitMs);
}

function bodyOf({ text, type, oversized }: Answered): Reading<Json | undefined> {
  if (oversized) return { fault: 'more than the relay reads at once' };
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { fault: /html/.test(type) || /^\s*</.test(text) ? pageOf(text) : 'something that is not JSON, or is cut' };
  }
}

function refusalOf(answered: Answered, token: string): Readonly<{ detail: string; scimType?: string }> {
  const said = (what: string) => line(what === '' ? `Steeple answered ${answered.status} without a word` : what, token);
  const body = bodyOf({ ...answered, oversized: false });
  if ('fault' in body) {
    const words = /^\s*</.test(answered.text) ? pageOf(answered.text) : plain(answered.text);
    return { detail: said(`Steeple answered ${answered.status} with ${words}`) };
  }
  const refusal = objectOf(body.value);
  if (refusal === undefined) return { detail: said(typeof body.value === 'string' ? body.value : '') };
  // `detail` is SCIM's (RFC 7644 §3.12); the others are where other APIs and gateways put their reason.
  const words = [refusal.detail, refusal.message, refusal.error_description, refusal.error, refusal.title];
  const { scimType } = refusal;
  return {
    detail: said(words.find((value) => typeof value === 'string') ?? ''),
    ...(typeof scimType === 'string' && { scimType: line(scimType, token) }),
  };
}

/** How much of a page is looked at; the patterns below take quadratic time on text made to annoy them. */
const excerpt = 10_000;

/** A word that is cut may be half a token, which nothing would recognise: it is left out. */
function beginningOf(text: string): string {
  if (text.length <= excerpt) return text;
  let end = excerpt;
  while (end > 0 && /\S/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** An HTML page by its title, else its first words: enough to recognise a log-in page or a proxy's refusal. */
function pageOf(text: string): string {
  const page = beginningOf(text);
  const [, title] = /<title[^>]*>([^<]*)/i.exec(page) ?? [];
  const body = page.replace(/<(script|style)\b.*?<\/\1>/gis, ' ').replace(/<[^>]*>/g, ' ');
  const words = plain(title?.trim() ? title : body);
  return words === '' ? 'an HTML page' : `an HTML page: “${words}”`;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** First words of anybody's text. Entities are read first, or a token written with them would not be recognised. */
function plain(text: string): string {
  return beginningOf(text)
    .replace(/&#x([\da-f]{1,5});|&#(\d{1,6});|&(\w+);/gi, (whole, hex, digits, name) => {
      if (name !== undefined) return entities[name] ?? whole;
      return String.fromCodePoint(Math.min(hex === undefined ? Number(digits) : Number.parseInt(hex, 16), 0x10ffff));
    })
    .replace(/\s+/g, ' ')
    .trim();
}

/** One line without control characters and without the token; cut last, so that no half of a token is left over. */
function line(text: string, token: string): string {
  const bare = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  const safe = bare.replaceAll(token, '[secret]').replaceAll(encodeURIComponent(token), '[secret]');
  return safe.length > 300 ? `${safe.slice(0, 300)}…` : safe;
}

/** A body that should be a JSON object; `undefined` when it is anything else. */
export const objectOf = (body: Json | undefined): JsonObject | undefined =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
