/**
 * The certificate the listeners show, and the authorities whose clients they let in: read from PEM files, and read again
 * when the files change, so that a renewal (certbot, cert-manager, a copied file) needs no restart.
 *
 * A file that cannot be used is never taken: at the start it is refused in words, later the old one stays and the problem
 * is told. Key and certificate are renewed together or not at all: while one of two files is already new, they do not
 * belong to each other, and the next look finds both.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Malformed } from './errors.ts';

/** PEM files, absolute paths. `clients`: authorities whose certificates a client must show. */
export type CertificateFiles = Readonly<{ cert: string; key: string; clients?: string | undefined }>;
/** As `tls.createSecureContext` takes it. */
export type Pems = Readonly<{ cert: Buffer; key: Buffer; ca?: Buffer }>;
/** One certificate, for a person: whose it is, who says so, and until when (milliseconds since 1970). */
export type Shown = Readonly<{ subject: string; issuer: string; from: number; until: number; fingerprint: string }>;

export type Certificates = Readonly<{
  now(): Pems;
  /** What the clients see first, and the authorities they must be known by. */
  shown(): Readonly<{ own: Shown; clients: readonly Shown[] }>;
  /** Looks whether the files are other ones, and takes them if they can be used. True when something was taken. */
  look(): boolean;
  /** Why the files as they are now are not in use; `undefined` when they are. */
  problem(): string | undefined;
  /** Called with every renewal. */
  renewed(listener: (pems: Pems) => void): void;
}>;

/** @throws Malformed naming the file that cannot be read, is no PEM, or does not belong to the other */
export function certificates(files: CertificateFiles): Certificates {
  const listeners: ((pems: Pems) => void)[] = [];
  let pems = readPems(files);
  let refused: string | undefined;

  function look(): boolean {
    try {
      const found = readPems(files);
      refused = undefined;
      if (digestOf(found) === digestOf(pems)) return false;
      pems = found;
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause;
      refused = cause.message;
      return false;
    }
    for (const listener of listeners) listener(pems);
    return true;
  }
  return {
    now: () => pems,
    shown: () => ({ own: shownOf(pems.cert)[0]!, clients: pems.ca === undefined ? [] : shownOf(pems.ca) }),
    look,
    problem: () => refused,
    renewed: (listener) => void listeners.push(listener),
  };
}

function readPems({ cert, key, clients }: CertificateFiles): Pems {
  const pems = {
    cert: read(cert, 'certificate'),
    key: read(key, 'private key'),
    ...(clients !== undefined && { ca: read(clients, 'client authorities') }),
  };
  if (shownOf(pems.cert).length === 0) throw new Malformed('invalidValue', `${cert} holds no certificate in PEM`);
  if (pems.ca !== undefined && shownOf(pems.ca).length === 0)
    throw new Malformed('invalidValue', `${clients} holds no certificate in PEM`);
  try {
    createSecureContext(pems);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    const why = code.includes('KEY_VALUES_MISMATCH') ? 'do not belong to each other' : `cannot be used${code}`;
    throw new Malformed('invalidValue', `${cert} and ${key} ${why}`, { cause });
  }
  return pems;
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new Malformed('invalidValue', `The ${what} ${file} cannot be read (${code})`, { cause });
  }
}

/** Every certificate of a PEM text, in its order. What is between them is left out; a broken one ends the list. */
export function shownOf(pem: Buffer | string): Shown[] {
  const blocks = pem.toString().match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => shownCertificate(new X509Certificate(block)));
  } catch {
    return [];
  }
}

export const shownCertificate = (one: X509Certificate): Shown => ({
  subject: nameIn(one.subject) ?? one.subjectAltName ?? '(without a name)',
  issuer: nameIn(one.issuer) ?? '(without a name)',
  from: one.validFromDate.getTime(),
  until: one.validToDate.getTime(),
  fingerprint: one.fingerprint256,
});

/** `C=FR\nO=Example\nCN=relay.example.com`: the common name, or else the whole on one line. */
const nameIn = (name: string | undefined): string | undefined =>
  name === undefined || name === '' ? undefined : (/^CN=(.*)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', '));

const digestOf = ({ cert, key, ca }: Pems): string =>
  createHash('sha256')
    .update(cert)
    .update('\0')
    .update(key)
    .update('\0')
    .update(ca ?? '')
    .digest('base64');
