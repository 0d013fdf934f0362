/**
 * Reads the body of a SCIM request: bounded, of a media type we take, perhaps in gzip, and one JSON object.
 *
 * What cannot be read is a value, not an exception, because it must be journaled with its size and hash (I2). Memory is
 * bounded by the limit (what is beyond is counted and thrown away) and by the depth, looked at before parsing, since a
 * few megabytes of `[` would become a hundred times that in objects (I10).
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readJson } from '../contract/numeral.ts';
import type { JsonObject } from '../contract/scim.ts';
import { Malformed, RelayError, TooLarge, UnsupportedMediaType } from '../errors.ts';
import { unzip } from './encoding.ts';

export type Body =
  | Readonly<{ readable: true; value: JsonObject }>
  | Readonly<{ readable: false; reason: RelayError; bytes: number; sha256?: string }>;

/** A group of a hundred thousand, named member by member, fits. */
export const bodyLimit = 8 * 1024 * 1024;
/** So much more is read and thrown away, so that a client that writes before it reads gets to see its 413. */
const patience = 8 * bodyLimit;
const deepest = 64;

/** @throws the request's own error when the client goes away in the middle; there is nobody to answer then */
export const readBody = (request: IncomingMessage): Promise<Body> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (request.readableEnded) {
      resolve(bodyOf(request, 0, Buffer.alloc(0)));
      return;
    }
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyLimit) chunks.push(chunk);
      else chunks.length = 0;
      if (bytes > patience) resolve(bodyOf(request, bytes, undefined));
    });
    request.on('end', () => {
      const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      resolve(bodyOf(request, bytes, bytes > bodyLimit ? undefined : whole));
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('The client went away'));
    });
  });

/** `whole` is absent where it was more than is read. */
function bodyOf(request: IncomingMessage, bytes: number, whole: Buffer | undefined): Body | Promise<Body> {
  const refuse = (reason: RelayError): Body => ({
    readable: false,
    reason,
    bytes,
    ...(whole && { sha256: hash('sha256', whole) }),
  });
  if (whole === undefined)
    return refuse(new TooLarge(`The body is larger than the ${bodyLimit} bytes the relay reads; send less at a time`));
  const type = mediaFault(request);
  if (type !== undefined) return refuse(new UnsupportedMediaType(type));
  const read = (plain: Buffer | RelayError): Body => {
    const value = plain instanceof RelayError ? plain : parse(plain);
    return value instanceof RelayError ? refuse(value) : { readable: true, value };
  };
  return packed(request) ? unzip(whole, bodyLimit).then(read) : read(whole);
}

const usual = /^application\/(?:scim\+)?json(?:; ?charset=utf-8)?$/i;

/** RFC 7644 §3.1 and §8.1: application/scim+json, and application/json as many clients send it. UTF-8 both. */
function mediaFault({ headers }: IncomingMessage): string | undefined {
  const sent = headers['content-type'] ?? '';
  if (usual.test(sent) && headers['content-encoding'] === undefined) return undefined;
  const [type = '', ...parameters] = sent.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/scim+json' && type !== 'application/json')
    return `Content-Type must be application/scim+json or application/json, not ${JSON.stringify(sent.slice(0, 100))}`;
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?(utf-?8|us-ascii)"?$/.test(charset))
    return `The body must be UTF-8, not ${JSON.stringify(charset.slice(0, 100))}`;
  const encoding = encodingOf(headers);
  if (encoding === 'identity' || gzip.test(encoding)) return undefined;
  return `The body must come as it is or in gzip, not ${JSON.stringify(encoding.slice(0, 100))} encoded`;
}

const gzip = /^(?:x-)?gzip$/;
const encodingOf = (headers: IncomingMessage['headers']): string =>
  headers['content-encoding']?.trim().toLowerCase() || 'identity';
const packed = ({ headers }: IncomingMessage): boolean => gzip.test(encodingOf(headers));

function parse(bytes: Buffer): JsonObject | Malformed {
  if (bytes.length === 0) return new Malformed('invalidSyntax', 'The body is empty; a JSON object is needed');
  if (!isUtf8(bytes)) return new Malformed('invalidSyntax', 'The body is not UTF-8 text');
  if (deeperThan(bytes, deepest))
    return new Malformed('invalidSyntax', `The body is nested deeper than ${deepest} levels`);
  try {
    // RFC 8259 §8.1 lets a receiver pass over a byte-order mark, which some clients of .NET send.
    const value = readJson(bytes.toString('utf8', marked(bytes) ? 3 : 0));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    return new Malformed('invalidSyntax', 'The body must be a JSON object');
  } catch (cause) {
    if (cause instanceof RangeError) return new Malformed('invalidValue', cause.message, { cause });
    // The parser's message quotes the text around the fault, and that may be a password: only the place is said.
    const at = /at position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
    const place = at === undefined ? '' : ` (at character ${Number(at) + 1})`;
    return new Malformed('invalidSyntax', `The body is not JSON${place}`);
  }
}

const marked = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...Buffer.from('"\\{}[]')];

function deeperThan(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1;
  }
  return false;
}
