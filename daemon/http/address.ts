/**
 * At which address a client reached us, as far as the request itself tells: what proxies add is Express's to read.
 *
 * Every answer names resources by it, so a Host that is none, or two of them, is refused as RFC 9112 §3.2 wants, and the
 * one in a whole address counts more than the header (§3.2.2).
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { plainAddress } from '../contract/source.ts';
import { Malformed } from '../errors.ts';
import { isHost } from './origin.ts';

/** Where the connection ended, for a client of HTTP/1.0 that names no host. */
export function arrivedAt({ localAddress = 'localhost', localPort = 0 }: Socket): string {
  const address = plainAddress(localAddress);
  return `${address.includes(':') ? `[${address}]` : address}:${localPort}`;
}

/** A client's address without its port, which some proxies write with it (Azure Application Gateway, in X-Forwarded-For). */
export const withoutPort = (address: string | undefined): string | undefined =>
  address?.replace(/^(?:\[([\da-f:.%\w]+)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/i, '$1$2');

/** The host a request names, in its headers from now on. @throws Malformed */
export function settleHost(request: IncomingMessage): void {
  const { url = '', headers, httpVersionMinor } = request;
  const [, named] = (!url.startsWith('/') && /^https?:\/\/([^/?#]*)/i.exec(url)) || [];
  if (named !== undefined) headers.host = named;
  const { host } = headers;
  if (host === undefined ? httpVersionMinor > 0 : host !== '' && !isHost(host))
    throw new Malformed(
      'invalidSyntax',
      `The request must name one host, as in "Host: relay.example:8480", not ${host === undefined ? 'none' : JSON.stringify(host.slice(0, 100))}`,
    );
}
