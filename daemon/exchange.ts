/**
 * One HTTP exchange with one server: the request goes out, and one of three things is known afterwards. This is the only
 * file that opens a connection to Steeple.
 *
 *   answered     the whole answer came
 *   lost         the request was, or may have been, sent; the whole answer did not come
 *   unreachable  the request was not sent: it never got a connection
 *
 * `unreachable` is claimed only when the HTTP client never began to write the request, so that a write reported as
 * unreachable has certainly not been applied.
 *
 * D8  the token goes to the configured origin only: one pool, one origin, redirects are handed back and never followed,
 *     and there is no plain HTTP off loopback
 *
 * What an answer means is decided in answer.ts.
 */
import { Forbidden, Malformed } from './errors.ts';
import { faultOf } from './fault.ts';
import { loopback } from './loopback.ts';
import { dispatcherTo, type Route, straight } from './route.ts';

export type Upstream = Readonly<{
  url: string;
  token: string;
  /** From the first byte sent to the last received; connecting has a limit of its own. Default 60 s. */
  timeoutMs?: number | undefined;
  /** How many at once; more wait their turn. Default 8. */
  connections?: number | undefined;
  /** Through which proxy, and whom to trust; straight, and whom this machine trusts, by default. */
  route?: Route | undefined;
  /** The admin said by name that plain HTTP is fine off loopback. */
  allowPlainHttp?: boolean | undefined;
}>;

export type Answered = Readonly<{
  kind: 'answered';
  status: number;
  /** Media type without parameters, lower-case; '' if not said. */
  type: string;
  location: string | undefined;
  retryAfter: string | undefined;
  /** The server's own clock, if it told. */
  date: string | undefined;
  text: string;
  /** The body was larger than we read; `text` is its beginning. */
  oversized: boolean;
}>;
export type Exchanged =
  | Answered
  | Readonly<{ kind: 'lost'; detail: string }>
  | Readonly<{ kind: 'unreachable'; detail: string; remedy: string; tls: boolean }>;

export type Exchange = Readonly<{
  /** `path` begins with a slash and is put behind the configured URL's own path. */
  send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    /** Beside those every request has; none of theirs is replaced. */
    more?: Readonly<Record<string, string>>,
  ): Promise<Exchanged>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}>;

const connectMs = 10_000;
/** A group of 100,000 members is about 10 MB. */
const bodyLimit = 32 * 1024 * 1024;
/** Of a refusal a few words are kept; eight at once, each with a page without an end, must not fill the memory. */
const refusalLimit = 64 * 1024;

/**
 * @throws Malformed when `url` or `token` cannot be what they should be; the token is never quoted
 * @throws Forbidden when the token would cross a network in clear (D8)
 */
export function exchange(options: Upstream): Exchange {
  const { origin, hostname, pathname } = upstreamUrl(options.url, options.allowPlainHttp);
  const token = bearer(options.token);
  const { timeoutMs = 60_000, connections = 8 } = options;
  const pool = dispatcherTo(origin, options.route ?? straight, {
    connections,
    connectMs: Math.min(timeoutMs, connectMs),
  });
  const decoder = new TextDecoder(); // drops a byte-order mark, which JSON.parse would not take
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/scim+json, application/json',
    'accept-encoding': 'identity', // saying nothing would mean that any is welcome (RFC 9110 §12.5.3)
    'user-agent': 'steeple-companion',
  };

  const send: Exchange['send'] = (method, path, body, more) => {
    return new Promise((resolve) => {
      let begun = false;
      let deadline: NodeJS.Timeout | undefined;
      let head: Omit<Answered, 'text' | 'oversized'> | undefined;
      let size = 0;
      const chunks: Buffer[] = [];
      const settle = (outcome: Exchanged) => {
        clearTimeout(deadline);
        resolve(outcome);
      };
      const answered = (oversized: boolean) => {
        if (head !== undefined) settle({ ...head, text: decoder.decode(Buffer.concat(chunks)), oversized });
      };
      pool.dispatch(
        {
          origin,
          method,
          path: pathname.replace(/\/+$/, '') + path,
          headers: { ...more, ...headers, ...(body !== undefined && { 'content-type': 'application/scim+json' }) },
          body: body === undefined ? null : JSON.stringify(body),
        },
        {
          onRequestStart(controller) {
            begun = true;
            deadline = setTimeout(
              () => controller.abort(new Error(`no whole answer within ${timeoutMs} ms`)),
              timeoutMs,
            );
          },
          onResponseStart(_controller, status, received) {
            if (status < 200) return; // "100 Continue" and its like come before the answer
            const one = (name: string) => [received[name]].flat()[0];
            const type = (one('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
            const [location, retryAfter, date] = [one('location'), one('retry-after'), one('date')];
            head = { kind: 'answered', status, type, location, retryAfter, date };
          },
          onResponseData(controller, chunk) {
            size += chunk.length;
            const limit = head !== undefined && head.status >= 300 ? refusalLimit : bodyLimit;
            if (size <= limit) chunks.push(chunk);
            else {
              answered(true);
              controller.abort(new Error('the answer is too large'));
            }
          },
          onResponseEnd: () => answered(false),
          onResponseError(_controller, error) {
            if (begun) settle({ kind: 'lost', detail: `No whole answer came from ${hostname}: ${brief(error)}` });
            else settle({ kind: 'unreachable', ...faultOf(error, origin) });
          },
        },
      );
    });
  };
  return Object.freeze({ send, close: () => pool.close() });
}

/** What the HTTP client says of a broken exchange; its messages name sockets and limits, never headers. */
function brief(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${error.message}${code}`.slice(0, 200);
}

/** @throws Malformed, Forbidden (D8) */
export function upstreamUrl(url: string, allowPlainHttp = false): URL {
  const parsed = URL.parse(url.trim());
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new Malformed('invalidValue', 'The URL is not a web address: it must begin with https://');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new Malformed('invalidValue', 'The URL has a user or a password in it: leave out what stands before the "@"');
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new Malformed('invalidValue', 'The URL has a "?" or a "#" in it: leave out everything from there on');
  }
  if (parsed.protocol === 'http:' && !loopback(parsed.hostname) && !allowPlainHttp) {
    throw new Forbidden(
      `The URL begins with http://, so the token would cross the network in clear to ${parsed.hostname}. Use https://`,
    );
  }
  return parsed;
}

/** The token as it may stand in a header. @throws Malformed, which does not quote it */
export function bearer(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Malformed(
    'invalidValue',
    'The token is empty, or has a space, a line break or a letter outside ASCII in it, so it is not what Steeple ' +
      'showed. Copy it again, without the word "Bearer"',
  );
}
