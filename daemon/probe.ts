/**
 * The upstream test: says in words, before anything else is asked of it, whether the URL and the token that were pasted
 * lead to Steeple, and if not, what to do. It only reads.
 *
 * It looks in the order in which a person must repair: is anything set, does a connection stand, is it secure, does SCIM
 * answer there, is the token taken, is single sign-on configured (Steeple wants that first).
 */
import type { UpstreamTest, UpstreamVerdict } from './contract/upstream.ts';
import { RelayError } from './errors.ts';
import { bearer, type Upstream, upstreamUrl } from './exchange.ts';
import { type Answer, steeple } from './steeple.ts';

type Failing = Exclude<Answer<unknown>, { kind: 'ok' }>;

const where = 'In Steeple, open Administration > Integrations > Install > Identification > Show';

/** Never throws for what the network or the server does. `timeoutMs` is for each of its two requests; default 15 s. */
export async function probe(
  options: Omit<Upstream, 'url' | 'token'> & Readonly<{ url: string | undefined; token: string | undefined }>,
): Promise<UpstreamTest> {
  const { url, token, timeoutMs = 15_000 } = options;
  if (!url)
    return verdict('not-set', 'No SCIM URL is set', `${where}, and copy the SCIM URL and the token from there.`);
  const unfitUrl = complaint(() => upstreamUrl(url, options.allowPlainHttp));
  if (unfitUrl !== undefined) {
    return verdict('cannot-connect', unfitUrl, `${where}, and copy the SCIM URL from there as it is.`);
  }
  if (!token) return verdict('not-set', 'A SCIM URL is set, but no token', `${where}, and copy the token from there.`);
  const unfitToken = complaint(() => bearer(token));
  if (unfitToken !== undefined) return verdict('token-refused', unfitToken, `${where}, and copy the token from there.`);

  const client = steeple({ ...options, url, token, timeoutMs, connections: 1 });
  try {
    const users = await client.listUsers(1, 1);
    if (users.kind !== 'ok') return explain(users, url, 'users');
    const groups = await client.listGroups(1, 1);
    if (groups.kind !== 'ok') return explain(groups, url, 'groups');
    const counts = { users: users.value.total, groups: groups.value.total };
    const detail = `Steeple answers, and takes the token. It has ${counts.users} users and ${counts.groups} groups`;
    return { verdict: 'fine', detail, remedy: '', ...counts };
  } finally {
    await client.close();
  }
}

function explain(answer: Failing, url: string, asked: 'users' | 'groups'): UpstreamTest {
  switch (answer.kind) {
    case 'unreachable':
      return verdict(answer.tls ? 'tls' : 'cannot-connect', answer.detail, answer.remedy);
    case 'lost':
      return verdict(
        'cannot-connect',
        answer.detail,
        'Something takes the connection and does not answer. Check the port in the URL, and firewalls and proxies on the way.',
      );
    case 'busy':
    case 'failed':
      return verdict(
        'cannot-connect',
        `It answered ${answer.status}, an error of its own: ${answer.detail}`,
        'The server cannot answer just now. Try again in some minutes; if it stays so, ask whoever runs it.',
      );
    case 'unauthorized':
      return answer.sso
        ? verdict(
            'sso-not-configured',
            `Steeple answered 403: ${answer.detail}`,
            'Steeple wants single sign-on configured before provisioning. In Steeple, open Administration > Integrations, ' +
              'configure SSO, then test again.',
          )
        : verdict(
            'token-refused',
            `It answered ${answer.status}: ${answer.detail}`,
            `${where}, and copy the token again: it may have been cut, or replaced by a newer one. ` +
              'If it is the right one, check that the SCIM URL comes from the same page.',
          );
    case 'missing':
      return notScim('It answered 404: there is nothing at that address', url, asked);
    case 'conflict':
      return notScim(`It answered 409: ${answer.detail}`, url, asked);
    case 'refused':
      return notScim(`It answered ${answer.status}: ${answer.detail}`, url, asked);
    case 'odd':
      return notScim(answer.detail, url, asked);
  }
}

function notScim(detail: string, url: string, asked: 'users' | 'groups'): UpstreamTest {
  const remedy = `${hint(new URL(url.trim()))}${where}, and copy the whole SCIM URL from there.`;
  return verdict('not-scim', asked === 'users' ? detail : `Users were listed, but not groups. ${detail}`, remedy);
}

/** What one can see is wrong with the URL itself. Steeple documents no shape of it, so these are only hints. */
function hint({ pathname }: URL): string {
  if (/^\/*$/.test(pathname))
    return 'The URL has nothing after the name of the server; a SCIM URL usually has a path. ';
  const [, tail] = /\/(users|groups|serviceproviderconfig|schemas|resourcetypes)\/*$/i.exec(pathname) ?? [];
  if (tail !== undefined) return `The URL should end before "/${tail}". `;
  if (/\/administration\b/i.test(pathname)) return 'This is the address of a page of Steeple, not its SCIM URL. ';
  return '';
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
