/** A certificate authority for tests: makes certificates as a company's private one would, valid whenever a test wants. */
import 'reflect-metadata'; // @peculiar/x509 asks for it
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto as Crypto);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 86_400_000;

export type Issued = Readonly<{ cert: string; key: string }>;
export type Authority = Readonly<{
  cert: string;
  /** `days` from now until it ends; negative for one that is over. `also`: what else it is known by (an IP, a DNS name). */
  issue(name: string, options?: Readonly<{ days?: number; also?: string }>): Promise<Issued>;
}>;

const keyPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
const keyPem = async (key: CryptoKey) =>
  PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
let serial = 1;

export async function authority(name = 'Test authority'): Promise<Authority> {
  const keys = await keyPair();
  const own: X509Certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: String(serial++).padStart(2, '0'),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 3650 * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    cert: own.toString('pem'),
    async issue(subject, { days = 365, also = '127.0.0.1' } = {}) {
      const pair = await keyPair();
      const until = Date.now() + days * day;
      const one = await X509CertificateGenerator.create({
        serialNumber: String(serial++).padStart(2, '0'),
        subject: `CN=${subject}`,
        issuer: own.subject,
        notBefore: new Date(Math.min(until, Date.now()) - day),
        notAfter: new Date(until),
        signingKey: keys.privateKey,
        publicKey: pair.publicKey,
        signingAlgorithm: algorithm,
        extensions: [
          new SubjectAlternativeNameExtension([{ type: /^[\d.]+$/.test(also) ? 'ip' : 'dns', value: also }]),
        ],
      });
      return { cert: one.toString('pem'), key: await keyPem(pair.privateKey) };
    },
  };
}
