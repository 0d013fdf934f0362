/**
 * The console: the built page and the admin API behind a session, on a TCP port a browser can reach, and therefore one
 * that any web page can send requests to. Law S2 is this file's whole subject.
 *
 * In order, and each before anything is read from the request: the Host must be a name of ours (http/origin.ts); a page
 * that names itself as Origin must be our own; calls need a session cookie no other site can make the browser send
 * (SameSite=Strict) and no script can read (HttpOnly), and take JSON only; nothing happens on GET; no CORS header is ever
 * sent. The page may load nothing from elsewhere and run no script but its own (CSP).
 *
 * A ticket comes in the address's fragment (`/#ticket=…`), which browsers do not send: it is in no log and no Referer.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import { Forbidden, Malformed, MethodNotAllowed, NotFound, Unauthorized } from '../errors.ts';
import { type AdminDeps, adminApi, failureDoor, requireJson, type Subscribe } from './admin.ts';
import { assets } from './assets.ts';
import { guessing } from './guessing.ts';
import { type HealthDeps, health } from './health.ts';
import { hostAllowed, originAllowed } from './origin.ts';
import { type Chance, type Session, sessions, type Tickets } from './session.ts';

export type ConsoleDeps = Omit<AdminDeps, 'until' | 'who'> &
  HealthDeps &
  Chance &
  Readonly<{
    tickets: Tickets;
    /** Whose access key it is; undefined for none. */
    keys(key: string): Readonly<{ id: string; person: string; ended: AbortSignal }> | undefined;
    /** The folder of the built page (out/renderer). It may not exist. */
    page: string;
    /** Names the console is reached by, besides loopback and the address it listens on: `relay.example.org[:PORT]`. */
    hosts: readonly string[];
    /** Aborted when the relay stops, so that event streams do not hold it up. */
    closing?: AbortSignal;
  }>;

const Login = z.strictObject({ ticket: z.string().min(1).max(200) });

export function consoleApp(deps: ConsoleDeps): Express {
  const { tickets, page, hosts, log, closing } = deps;
  const known = sessions(deps);
  const guesses = guessing(deps.now);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');

  app.use((request, response, next) => {
    secureHeaders(response);
    const { localAddress: address = '', localPort: port = 0 } = request.socket;
    const { origin } = request.headers;
    const [host, ...more] = request.headersDistinct.host ?? []; // two of them: one for us, one for a proxy to read
    if (more.length > 0 || !hostAllowed(host, { address, port, secure: request.secure }, hosts))
      throw new Forbidden(
        'The console does not go by this name. Use the address it printed, or the name it was told at its start.',
      );
    if (!originAllowed(origin, host ?? '')) throw new Forbidden('Another web page may not use the console');
    next();
  });

  app.use(health(deps));

  app.use(['/session', '/api'], (request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    // Browsers send this beside Origin, and on plain GETs too, where there is no Origin.
    if (!['same-origin', 'none', undefined].includes(request.get('sec-fetch-site')))
      throw new Forbidden('Another web page may not use the console');
    next();
  });
  app.use('/session', (request, response, next) => {
    if (request.path !== '/') throw new NotFound('There is nothing here');
    if (['GET', 'HEAD', 'POST', 'DELETE'].includes(request.method)) return next();
    response.setHeader('allow', 'GET, HEAD, POST, DELETE');
    throw new MethodNotAllowed('Use GET, POST or DELETE here');
  });
  app.get('/session', (request, response) => {
    const session = known.find(cookieOf(request));
    response.json({
      ok: true,
      value: {
        loggedIn: session !== undefined,
        name: session?.name ?? null,
        expiresAt: session?.expiresAt ?? null,
      },
    });
  });
  app.post('/session', requireJson, express.json({ limit: '4kb' }), (request, response, next) => {
    const input = Login.safeParse(request.body ?? {});
    if (!input.success) throw new Malformed('invalidValue', 'Send {"ticket":"…"}, as the printed address has it');
    const name = tickets.redeem(input.data.ticket);
    if (name === undefined) {
      const refusal = new Unauthorized(
        'This address was used already, or is older than two minutes. Ask for a new one.',
      );
      guesses.later(request.socket.remoteAddress ?? '', () => next(refusal));
      return;
    }
    known.end(cookieOf(request));
    const { id, expiresAt } = known.start(name);
    setCookie(request, response, id);
    response.json({ ok: true, value: { loggedIn: true, name, expiresAt } });
  });
  app.delete('/session', (request, response) => {
    known.end(cookieOf(request));
    setCookie(request, response, '');
    response.json({ ok: true, value: { loggedIn: false, name: null, expiresAt: null } });
  });

  app.use('/api', (request, response, next) => {
    // An app on another machine has a key. No browser sends one by itself, so it needs no session; the checks above hold.
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined) {
      const key = deps.keys(given);
      if (key === undefined) {
        const refusal = new Unauthorized(
          'This access key is not known, or was revoked. Ask for a new one: steeple-relay key add',
        );
        guesses.later(request.socket.remoteAddress ?? '', () => next(refusal));
        return;
      }
      const session: Session = {
        name: key.person,
        label: key.id,
        expiresAt: Number.MAX_SAFE_INTEGER,
        ended: key.ended,
      };
      response.locals.session = session;
      response.locals.ended = closing ? AbortSignal.any([closing, key.ended]) : key.ended;
      next();
      return;
    }
    const session = known.find(cookieOf(request));
    if (session === undefined) throw new Unauthorized('Log in first: ask for an address with `steeple-relay console`');
    response.locals.session = session;
    response.locals.ended = closing ? AbortSignal.any([closing, session.ended]) : session.ended;
    next();
  });
  // A session that ran out ends its streams before the next event could reach them.
  const subscribe: Subscribe = (listener) =>
    deps.subscribe((event) => {
      known.sweep();
      listener(event);
    });
  // Who acts is the session's to say: whatever the page sends as `by` is written over.
  const who = ({ res }: Request) => {
    const { name, label } = res!.locals.session as Session;
    return { by: name, caller: { via: 'console', session: label } } as const;
  };
  app.use('/api', adminApi({ ...deps, subscribe, who, until: ({ res }) => res!.locals.ended }));

  app.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    response.setHeader('allow', 'GET, HEAD');
    throw new MethodNotAllowed('Use GET here');
  });
  app.get(['/', '/index.html'], (_request, response) => sendPage(response, page));
  app.use(assets(page));
  // Names of files come from the address: `send`, beneath this, decodes once, refuses `..`, NUL and dot files.
  app.use(express.static(page, { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false }));
  app.use(() => {
    throw new NotFound('There is nothing here');
  });
  app.use(failureDoor(log));
  return app;
}

/** The built page needs nothing more: its theme is a stylesheet (electron.vite.config.ts), not a <style> element. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function secureHeaders(response: Response): void {
  response.setHeader('content-security-policy', policy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
}

/** Cookies know no ports: two relays on one machine must not log each other out. */
const cookieName = (request: Request): string => `steeple-relay-${request.socket.localPort}`;

function cookieOf(request: Request): string {
  const wanted = `${cookieName(request)}=`;
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(wanted))?.slice(wanted.length) ?? '';
}

/** An empty `id` takes the cookie away. Behind a proxy that ends TLS only the page's Origin says that it was TLS. */
function setCookie(request: Request, response: Response, id: string): void {
  const secure = request.secure || request.get('origin')?.startsWith('https:');
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure: secure === true } as const;
  if (id === '') response.clearCookie(cookieName(request), options);
  else response.cookie(cookieName(request), id, options);
}

function sendPage(response: Response, page: string): void {
  response.type('html').setHeader('cache-control', 'no-store');
  try {
    response.send(readFileSync(join(page, 'index.html'), 'utf8'));
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ENOENT') throw problem;
    response.status(503).send(notBuilt);
  }
}

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Steeple Companion: the page is not built</title>
<h1>The relay is running. Its page is not built.</h1>
<p>In the project's folder, run <code>npm run build</code>, then reload this page.</p>
<p>Everything the page does, the command line does too: <code>npm run relay -- --help</code>.</p>
</html>
`;
