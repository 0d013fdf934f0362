/**
 * What every request to the SCIM address and the public API passes before it is served: it is noted, its bearer is
 * checked, and a fault may be waiting for it. Then the small defences of the page.
 *
 * Order matters: a caller without the token gets 401 and uses up no fault; an organization without SSO answers 403.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { type ScimType, urn } from '../contract/scim.ts';
import type { Faults } from './faults.ts';
import { Refusal } from './received.ts';
import type { Arrival, Records } from './records.ts';

/** Writes an error in the words of a surface. */
export type Say = (response: Response, status: number, detail: string, scimType?: ScimType) => void;

/** RFC 7644 §3.12. */
export const sayScim: Say = (response, status, detail, scimType) => {
  const body = { schemas: [urn.error], status: String(status), detail, ...(scimType && { scimType }) };
  response.status(status).type('application/scim+json').send(JSON.stringify(body));
};
export const sayJson: Say = (response, status, detail) => {
  response.status(status).json({ ok: false, message: detail });
};

export const arrivalOf = (response: Response): Arrival => response.locals.arrival as Arrival;
export const isStale = (response: Response): boolean => response.locals.stale === true;

type End = (...given: unknown[]) => Response;
/** Puts `around` about the moment the answer is handed to the socket: its status and headers can still be changed. */
function atEnd(response: Response, around: (end: End, given: unknown[]) => Response) {
  const end = response.end.bind(response) as End;
  response.end = ((...given: unknown[]) => around(end, given)) as Response['end'];
}

export function noted(log: Records, surface: Arrival['surface']): RequestHandler {
  return (request, response, next) => {
    const [path = '', query = ''] = request.originalUrl.split('?', 2);
    const arrival = log.begin(surface, request.method, path, query);
    response.locals.arrival = arrival;
    atEnd(response, (end, given) => {
      arrival.status = response.statusCode;
      return end(...given);
    });
    next();
  };
}

const digest = (secret: string) => createHash('sha256').update(secret).digest();

export function bearer(token: string, say: Say): RequestHandler {
  const expected = digest(`Bearer ${token}`);
  return (request, response, next) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return next();
    response.set('WWW-Authenticate', 'Bearer');
    say(response, 401, 'The bearer token is missing or not the one this organization shows');
  };
}

export function ssoFirst(isConfigured: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (isConfigured()) return next();
    sayScim(
      response,
      403,
      'SSO must be configured first: provisioning alone cannot be used. See Administration > Integrations',
    );
  };
}

export function served(faults: Faults, say: Say): RequestHandler {
  return async (request, response, next) => {
    const { delayMs, rule } = faults.decide(request.method, request.originalUrl.split('?', 1)[0] ?? '');
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (rule === undefined) return next();
    arrivalOf(response).fault = rule.fault;
    switch (rule.fault) {
      case 'too-many-requests':
        response.set('Retry-After', String(rule.retryAfter));
        return say(response, 429, 'Too many requests (a fault on demand)');
      case 'unauthorized':
        return say(response, 401, 'The bearer token was refused (a fault on demand)');
      case 'error-before':
        return say(response, rule.status, 'Failed before anything was applied (a fault on demand)');
      case 'drop-before':
        return void request.socket.destroy();
      case 'stale-read':
        response.locals.stale = true;
        return next();
      case 'drop-after':
        atEnd(response, () => {
          request.socket.destroy();
          return response;
        });
        return next();
      case 'error-after':
        spoil(response, () => say(response, rule.status, 'Failed after it was applied (a fault on demand)'));
        return next();
    }
  };
}

/** Swallows the first answer and gives another. */
function spoil(response: Response, instead: () => void) {
  let first = true;
  atEnd(response, (end, given) => {
    if (!first) return end(...given);
    first = false;
    instead();
    return response;
  });
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** No other web page may drive this one: neither by a name that was made to point here (DNS rebinding), nor by a form. */
export function ownPagesOnly(onLoopback: boolean): RequestHandler {
  const named = (url: string) => (URL.canParse(url) ? new URL(url) : undefined);
  return (request, response, next) => {
    const host = named(`http://${request.headers.host ?? ''}`);
    const origin = request.headers.origin;
    if (onLoopback && !loopback.has(host?.hostname ?? ''))
      return sayJson(response, 403, 'This address answers on loopback only');
    const foreign = origin !== undefined && named(origin)?.host !== host?.host;
    if (request.method !== 'GET' && foreign) return sayJson(response, 403, 'Another web page cannot drive this one');
    next();
  };
}

/** The last door: bodies that cannot be read, refusals, and bugs, each in the surface's words. */
export function lastDoor(say: Say): ErrorRequestHandler {
  return (thrown: unknown, _request: Request, response: Response, _next) => {
    if (response.headersSent) return;
    if (thrown instanceof Refusal) return say(response, thrown.status, thrown.message, thrown.scimType);
    const { status, message } = thrown as { status?: unknown; message?: unknown };
    if (typeof status !== 'number' || status >= 500) return say(response, 500, `Sandbox failure: ${String(thrown)}`);
    say(response, status, String(message), status === 400 ? 'invalidSyntax' : undefined);
  };
}
