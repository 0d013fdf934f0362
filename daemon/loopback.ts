/**
 * Whether a host is this machine talking to itself. Plain HTTP is allowed there and nowhere else (S3, D8), so the answer
 * is "no" for everything that is not plainly loopback: a name other than `localhost`, `0.0.0.0`, `::`.
 */
import { BlockList, isIP } from 'node:net';

const addresses = new BlockList();
addresses.addSubnet('127.0.0.0', 8, 'ipv4');
addresses.addAddress('::1', 'ipv6');

/** `host` as a URL or a person writes it: with or without the brackets of IPv6. */
export function loopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  if (family === 0) return bare.toLowerCase() === 'localhost';
  return addresses.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
