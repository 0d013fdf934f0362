/**
 * Delivery: what an answer of Steeple means for the write it answers.
 *
 * Pure. The forwarder sends and looks up; here it is decided whether a write is done, goes out again (and when), must be
 * looked up first, waits for a person as a dead letter, or stops everything.
 *
 *            claim              done
 *   ready ───────────▶ sending ───────▶ done
 *     ▲   again, look   │   refused for good      drop
 *     ╰─────────────────┴─────────────▶ dead ───────────▶ dropped
 *                                        ╰── retry ──▶ ready
 *
 * Laws (test/delivery.test.ts): D2 after a lost answer it looks before it writes again; D3 retries back off with jitter,
 * and obey Retry-After; D4 401/403 stops all; D5 a permanent refusal is a dead letter with cause and remedy; D6 a 404 on
 * an update is not proof of deletion.
 */

export type DeliveryKind =
  | 'user.create'
  | 'user.update'
  | 'user.deactivate'
  | 'user.delete'
  | 'group.create'
  | 'group.update'
  | 'group.delete'
  | 'members';

/** How an exchange with Steeple ended; the closed set that steeple.ts answers with. */
export type Outcome =
  | Readonly<{ kind: 'ok'; status: number }>
  | Readonly<{ kind: 'missing' }>
  | Readonly<{ kind: 'conflict'; detail: string }>
  | Readonly<{ kind: 'refused'; status: number; detail: string }>
  | Readonly<{ kind: 'unauthorized'; status: number; detail: string; sso: boolean }>
  | Readonly<{ kind: 'busy'; status: number; retryAfterMs?: number; detail: string }>
  | Readonly<{ kind: 'failed'; status: number; detail: string }>
  | Readonly<{ kind: 'lost'; detail: string }>
  | Readonly<{ kind: 'unreachable'; detail: string; tls: boolean }>
  | Readonly<{ kind: 'odd'; status: number; detail: string }>;

export type Step =
  | Readonly<{ do: 'done' }>
  /** Send again after a while; `unsure` when it may have been applied, so that it is looked up first. */
  | Readonly<{ do: 'again'; afterMs: number; unsure: boolean; cause: string }>
  /** Ask Steeple what it holds, now, and go by that. */
  | Readonly<{ do: 'look' }>
  | Readonly<{ do: 'dead'; cause: string; remedy: string }>
  /** Stop sending anything until a person, or Steeple, has set it right. */
  | Readonly<{ do: 'stop'; cause: string; remedy: string }>;

const second = 1000;
const hour = 3_600_000;
/** The first retry comes after about a second, each next one after twice as long, and no gap is over an hour. */
export function backoff(attempt: number, random: number): number {
  const full = Math.min(second * 2 ** Math.min(attempt, 20), hour);
  return Math.round(full / 2 + (full / 2) * random);
}

/** `attempt` counts from 1; `random` is in [0, 1). `looked`: a look-up has already answered for this attempt. */
export function stepAfter(kind: DeliveryKind, answer: Outcome, attempt: number, random: number, looked = false): Step {
  const wait = backoff(attempt - 1, random);
  const again = (unsure: boolean, cause: string, afterMs = wait): Step => ({ do: 'again', afterMs, unsure, cause });
  switch (answer.kind) {
    case 'ok':
      return { do: 'done' };
    case 'missing':
      // Deleting what is not there is done. Anything else is looked up first: one 404 proves nothing (D6).
      if (kind === 'user.delete' || kind === 'group.delete') return { do: 'done' };
      // Of a creation it says nothing about whom it makes: the address is wrong, or Steeple is being repaired.
      if (kind === 'user.create' || kind === 'group.create')
        return again(
          false,
          'Steeple answered 404 to the creation itself. Check that the SCIM URL is the one that Steeple shows',
        );
      return looked ? again(true, 'Steeple finds it by name, and answers 404 to its id') : { do: 'look' };
    case 'conflict':
      if (looked)
        return {
          do: 'dead',
          cause: `Steeple says the name is taken: ${answer.detail}`,
          remedy: 'Find the account that holds this name in Steeple, free or delete it there, then retry.',
        };
      return { do: 'look' };
    case 'refused':
      return {
        do: 'dead',
        cause: `Steeple refused it (${answer.status}): ${answer.detail}`,
        remedy:
          'Correct the value at the identity provider; its next push replaces this delivery. Or retry, or drop it.',
      };
    case 'unauthorized':
      return answer.sso
        ? {
            do: 'stop',
            cause: `Steeple refuses provisioning until SSO is configured: ${answer.detail}`,
            remedy: 'Configure SSO in Steeple, under Administration > Integrations. Sending resumes by itself.',
          }
        : {
            do: 'stop',
            cause: `Steeple refused the token (${answer.status}): ${answer.detail}`,
            remedy:
              'Copy the Bearer Token again from Steeple, under Administration > Integrations > Identification, and set it ' +
              'with: steeple-relay upstream set --token-stdin',
          };
    case 'busy':
      // Never at once, also where the server says 0: it would be asked as fast as it can refuse.
      return again(
        false,
        `Steeple asked to slow down (${answer.status})`,
        Math.max(answer.retryAfterMs ?? wait, backoff(0, random)),
      );
    case 'failed':
      return again(true, `Steeple failed (${answer.status}): ${answer.detail}`);
    case 'lost':
      return again(true, `The answer was lost: ${answer.detail}`);
    case 'odd':
      return again(true, `Steeple answered something that is not SCIM (${answer.status}): ${answer.detail}`);
    case 'unreachable':
      return again(false, `Steeple cannot be reached: ${answer.detail}`);
  }
}
