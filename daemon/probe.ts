/**
 * The upstream test: says in words, before anything else is asked of it, whether the URL and the token that were pasted
 * lead to Steeple, and if not, what to do. It only reads.
 *
 * It looks in the order in which a person must repair: is anything set, does a connection stand, is it secure, does SCIM
 * answer there, is the token taken, is single sign-on configured (Steeple wants that first).
 */
import type { UpstreamTest, UpstreamVerdict } from './contract/upstream.ts';
import { say } from './core/saying.ts';
import { RelayError } from './errors.ts';
import { bearer, type Upstream, upstreamUrl } from './exchange.ts';
import { type Answer, steeple } from './steeple.ts';

type Failing = Exclude<Answer<unknown>, { kind: 'ok' }>;

/** Never throws for what the network or the server does. `timeoutMs` is for each of its two requests; default 15 s. */
export async function probe(
  options: Omit<Upstream, 'url' | 'token'> & Readonly<{ url: string | undefined; token: string | undefined }>,
): Promise<UpstreamTest> {
  const { url, token, timeoutMs = 15_000 } = options;
  if (!url) return verdict('not-set', say('probe.no-url'), say('probe.copy-both'));
  const unfitUrl = complaint(() => upstreamUrl(url, options.allowPlainHttp));
  if (unfitUrl !== undefined) {
    return verdict('cannot-connect', unfitUrl, say('probe.copy-url'));
  }
  if (!token) return verdict('not-set', say('probe.no-token'), say('probe.copy-token'));
  const unfitToken = complaint(() => bearer(token));
  if (unfitToken !== undefined) return verdict('token-refused', unfitToken, say('probe.copy-token'));

  const client = steeple({ ...options, url, token, timeoutMs, connections: 1 });
  try {
    const users = await client.listUsers(1, 1);
    if (users.kind !== 'ok') return explain(users, url, 'users');
    const groups = await client.listGroups(1, 1);
    if (groups.kind !== 'ok') return explain(groups, url, 'groups');
    const counts = { users: users.value.total, groups: groups.value.total };
    return { verdict: 'fine', detail: say('probe.fine', counts), remedy: '', ...counts };
  } finally {
    await client.close();
  }
}

function explain(answer: Failing, url: string, asked: 'users' | 'groups'): UpstreamTest {
  switch (answer.kind) {
    case 'unreachable':
      return verdict(answer.tls ? 'tls' : 'cannot-connect', answer.detail, answer.remedy);
    case 'lost':
      return verdict('cannot-connect', answer.detail, say('probe.silent'));
    case 'busy':
    case 'failed':
      return verdict(
        'cannot-connect',
        say('probe.error', { status: answer.status, detail: answer.detail }),
        say('probe.later'),
      );
    case 'unauthorized':
      return answer.sso
        ? verdict('sso-not-configured', say('probe.sso', { detail: answer.detail }), say('probe.sso-first'))
        : verdict(
            'token-refused',
            say('probe.answered', { status: answer.status, detail: answer.detail }),
            say('probe.copy-again'),
          );
    case 'missing':
      return notScim(say('probe.missing'), url, asked);
    case 'conflict':
      return notScim(say('probe.answered', { status: 409, detail: answer.detail }), url, asked);
    case 'refused':
      return notScim(say('probe.answered', { status: answer.status, detail: answer.detail }), url, asked);
    case 'odd':
      return notScim(answer.detail, url, asked);
  }
}

function notScim(detail: string, url: string, asked: 'users' | 'groups'): UpstreamTest {
  const words = asked === 'users' ? detail : say('probe.users-only', { detail });
  return verdict('not-scim', words, whole(new URL(url.trim())));
}

/** What one can see is wrong with the URL itself. Steeple documents no shape of it, so these are only hints. */
function whole({ pathname }: URL): string {
  if (/^\/*$/.test(pathname)) return say('probe.no-path');
  const [, tail] = /\/(users|groups|serviceproviderconfig|schemas|resourcetypes)\/*$/i.exec(pathname) ?? [];
  if (tail !== undefined) return say('probe.tail', { tail });
  if (/\/administration\b/i.test(pathname)) return say('probe.page');
  return say('probe.copy-whole');
}

/** What is wrong with an entry, in words; `undefined` if nothing is. */
function complaint(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof RelayError) return thrown.message;
    throw thrown;
  }
}

const verdict = (word: UpstreamVerdict, detail: string, remedy: string): UpstreamTest => ({
  verdict: word,
  detail,
  remedy,
  users: null,
  groups: null,
});
