import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The address of the client. Each trusted proxy has appended the address that it saw to X-Forwarded-For. */
export function clientAddress(peer: string, forwarded: string | undefined, trustedProxies: number): string {
  const hops = forwarded?.split(',') ?? [];
  const hop = trustedProxies > 0 ? hops[Math.max(0, hops.length - trustedProxies)] : undefined;
  return (hop && normal(hop)) || peer.replace(/^::ffff:(?=[0-9.]+$)|%.*$/g, ''); // the system writes it in its one form already
}

/** What counts as one client: with IPv6, everybody has at least a /64. */
export function network(address: string): string {
  if (isIP(address) !== 6) {
    return address;
  }
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString();
}

/** An address in its one form: without a port, and IPv4 as such even where the socket speaks IPv6. */
function normal(text: string): string | undefined {
  const address = text
    .trim()
    .replace(/^\[(.*)\](:[0-9]+)?$/, '$1')
    .replace(/^([0-9.]+):[0-9]+$/, '$1')
    .replace(/%.*$/, '');
  return isIP(address) ? ipaddr.process(address).toString() : undefined;
}
