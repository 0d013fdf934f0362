/**
 * The failures we can explain to whoever caused them, and the one place they become a SCIM body.
 *
 * Pure. A throw that is not a RelayError is a bug: it leaves as an opaque 500 and is logged in full.
 * Surfaces: http/scim (SCIM bodies) and http/admin (`code` and `message`).
 */
import type { Said } from './contract/said.ts';
import { type ScimErrorBody, type ScimType, urn } from './contract/scim.ts';
import { saidOf } from './core/saying.ts';

export abstract class RelayError extends Error {
  abstract readonly status: number;
  readonly scimType?: ScimType;
  /** Seconds after which the caller should come back; sent as Retry-After. */
  readonly retryAfter?: number;
  /** The message by its codes: the whole of it, or each of its lines. Worked out when asked, for a SCIM error never is. */
  get said(): (Said | null)[] {
    const whole = saidOf(this.message);
    return whole ? [whole] : this.message.split('\n').map(saidOf);
  }
}

/** 400: the request was understood to be wrong; `detail` names what and where. */
export class Malformed extends RelayError {
  readonly status = 400;
  override readonly scimType: Exclude<ScimType, 'uniqueness'>;
  constructor(scimType: Exclude<ScimType, 'uniqueness'>, detail: string, options?: ErrorOptions) {
    super(detail, options); // `options.cause` keeps what really happened for the log; only `detail` is sent
    this.scimType = scimType;
  }
}
export class Unauthorized extends RelayError {
  readonly status = 401;
}
export class Forbidden extends RelayError {
  readonly status = 403;
}
export class NotFound extends RelayError {
  readonly status = 404;
}
export class MethodNotAllowed extends RelayError {
  readonly status = 405;
}
/** 409: another account holds the name (RFC 7644 §3.3). */
export class Conflict extends RelayError {
  readonly status = 409;
  override readonly scimType = 'uniqueness';
}
/** 409 of the admin surface: the request was valid, but the world has moved on (a stale plan, a decided item). */
export class Stale extends RelayError {
  readonly status = 409;
}
export class PreconditionFailed extends RelayError {
  readonly status = 412;
}
export class TooLarge extends RelayError {
  readonly status = 413;
}
export class UnsupportedMediaType extends RelayError {
  readonly status = 415;
}
/** 429: the caller is over its rate; nothing was stored. */
export class TooManyRequests extends RelayError {
  readonly status = 429;
  override readonly retryAfter: number;
  constructor(detail: string, retryAfter: number) {
    super(detail);
    this.retryAfter = retryAfter;
  }
}
export class NotImplemented extends RelayError {
  readonly status = 501;
}
/** 503: nothing was stored; the provider is told when to come back, which is what makes it retry rather than give up. */
export class Unavailable extends RelayError {
  readonly status = 503;
  override readonly retryAfter: number;
  constructor(detail: string, retryAfter = 30, options?: ErrorOptions) {
    super(detail, options);
    this.retryAfter = retryAfter;
  }
}

/** RFC 7644 §3.12. What is not a RelayError says nothing about itself. */
export function toScimError(thrown: unknown): ScimErrorBody {
  const known = thrown instanceof RelayError ? thrown : undefined;
  return {
    schemas: [urn.error],
    status: String(known?.status ?? 500),
    detail: known?.message ?? 'Internal error',
    ...(known?.scimType && { scimType: known.scimType }),
  };
}
