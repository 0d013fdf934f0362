/**
 * Which endpoint a path means, and what it does about a method (RFC 7644 §3.2).
 *
 * One look into a table. Express itself tries route after route, each by a pattern, and what providers ask most is behind the
 * sixth. As there, neither letter case nor a slash at the end counts, and an id is percent-encoded text.
 */
import type { Request, RequestHandler, Response } from 'express';
import { MethodNotAllowed } from '../errors.ts';

/** `id`: what stood in the path for `:id`; '' where the path has none. */
export type Handler = (request: Request, response: Response, id: string) => unknown;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** A handler for each method there is, or one for all. HEAD is answered as GET, and Node leaves out the body. */
export type Methods = Readonly<Partial<Record<Method, Handler>>> | Handler;
type Endpoint = Readonly<{ on: ReadonlyMap<string, Handler>; allow: string }> | Handler;

/** Letters, digits and the like, percent-encoded though they need not be (RFC 3986 §6.2.2.2). */
const overdone = /%(?:2[de]|5f|7e|3\d|[46][1-9a-f]|[57][0-9a])/gi;

export function routes(base: string) {
  const endpoints = new Map<string, Endpoint>();
  const slashes = new RegExp(`^/+${base.slice(1)}/+`, 'i');

  /** The path as nearly everybody writes it; a base URL with a slash at its end leaves one too many behind it. */
  const usually = (path: string): string =>
    path
      .replace(overdone, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
      .replace(slashes, `${base}/`);

  const endpointOf = (path: string): Readonly<{ endpoint: Endpoint | undefined; id: string }> => {
    const found = lookUp(path);
    if (found.endpoint !== undefined) return found;
    const usual = usually(path);
    return usual === path ? found : lookUp(usual);
  };
  const lookUp = (path: string): Readonly<{ endpoint: Endpoint | undefined; id: string }> => {
    const end = path.endsWith('/') ? path.length - 1 : path.length;
    if (path.slice(0, base.length).toLowerCase() !== base) return { endpoint: undefined, id: '' };
    const rest = path.slice(base.length, end);
    const whole = endpoints.get(rest.toLowerCase());
    const cut = rest.indexOf('/', 1);
    if (whole !== undefined || cut < 0) return { endpoint: whole, id: '' };
    const id = rest.slice(cut + 1);
    if (id === '' || id.includes('/')) return { endpoint: undefined, id: '' };
    const endpoint = endpoints.get(`${rest.slice(0, cut).toLowerCase()}/:id`);
    return { endpoint, id: endpoint === undefined ? '' : decodeURIComponent(id) };
  };

  return {
    /** `path` behind the base, as `/Users` or `/Users/:id`. */
    at(path: string, methods: Methods): void {
      endpoints.set(path.toLowerCase(), typeof methods === 'function' ? methods : endpoint(methods));
    },
    /** Calls what the path and the method mean. @throws MethodNotAllowed, URIError for an id that cannot be read */
    handle: ((request, response, next) => {
      const { endpoint, id } = endpointOf(pathOf(request));
      if (endpoint === undefined) {
        next();
        return undefined;
      }
      if (typeof endpoint === 'function') return endpoint(request, response, id);
      const { method } = request;
      const handler = endpoint.on.get(method === 'HEAD' ? 'GET' : method);
      if (handler !== undefined) return handler(request, response, id);
      response.setHeader('Allow', endpoint.allow);
      const allowed = endpoint.allow.replace(/, (?=\w+$)/, ' and ');
      throw new MethodNotAllowed(`${method} is not possible here, only ${allowed}`);
    }) satisfies RequestHandler,
  };
}

/** Express's own, for what is not simply a path, as a whole address. */
function pathOf(request: Request): string {
  const { url } = request;
  if (!url.startsWith('/')) return request.path;
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function endpoint(methods: Exclude<Methods, Handler>): Endpoint {
  const on = new Map<string, Handler>(Object.entries(methods));
  const allow = [...on.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return { on, allow: allow.join(', ') };
}
