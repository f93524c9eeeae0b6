import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { PermanentError } from '../../failures/errors.ts';

/**
 * Looks a name up, and refuses private addresses. It runs at connect time, so a name cannot change its address after
 * the check.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...(options as LookupOptions), all: true }, async (error, addresses: LookupAddress[]) => {
    try {
      if (error) throw error;
      for (const { address } of addresses) await refusePrivate(address, hostname);
      if (options.all) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    } catch (refusal) {
      callback(refusal as Error, options.all ? [] : '');
    }
  });
};

/**
 * Checks a URL with a literal address, because such an address is never looked up. @throws PermanentError where it is
 * not public
 */
export async function refusePrivateLiteral(hostname: string): Promise<void> {
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal)) await refusePrivate(literal, hostname);
}

/**
 * Allows global unicast only. Refused are private, loopback, link-local (169.254.169.254) and unique-local addresses,
 * those that hold an IPv4 address (mapped, 6to4, Teredo, NAT64), and those for documentation. Of IPv6 only `2000::/3`
 * is allowed, because no other addresses are given out so far [IANA: IPv6 Global Unicast Address Assignments].
 */
async function refusePrivate(address: string, host: string): Promise<void> {
  // Loaded by the first delivery, so that a cold start without one does not wait for it.
  const { default: ipaddr } = await import('ipaddr.js');
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  const isGivenOut = parsed.kind() === 'ipv4' || parsed.match(ipaddr.parse('2000::'), 3);
  if (range === 'unicast' && isGivenOut) return;
  throw new PermanentError(
    `${host} resolves to ${address} (${range === 'unicast' ? 'reserved' : range}), and WEBHOOK_PRIVATE_ADDRESSES is "refuse"; only public addresses are delivered to`,
  );
}
