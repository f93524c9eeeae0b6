/** An entry of WEBHOOK_ALLOWED_HOSTS: where deliveries may go. */
export interface AllowedHost {
  readonly protocol: 'https:' | 'http:';
  /** As the URL standard writes it: lower case, numbers as dotted addresses, IPv6 in brackets. */
  readonly hostname: string;
  /** Whether it stands for every name below `hostname`, and not for that name itself. */
  readonly below: boolean;
  /** A number as text, or `*` for any. */
  readonly port: string;
}

export const ALLOWED_HOST_FORM = 'host, host:port, *.domain or either behind http:// (a port may be *)';

const ENTRY = /^(?:(https?):\/\/)?(\*\.)?([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}|\*))?$/;
const DEFAULT_PORTS = { 'https:': '443', 'http:': '80' };

/**
 * Reads `host`, `host:port` or `*.domain`. Without a scheme in front it is https, and without a port the scheme's own.
 *
 * @returns undefined for anything else
 */
export function readAllowedHost(text: string): AllowedHost | undefined {
  const match = ENTRY.exec(text.toLowerCase());
  if (!match) return undefined;
  const [, scheme = 'https', below, host = '', port] = match;
  const protocol = scheme === 'http' ? 'http:' : 'https:';
  // Read as a delivery's URL is, so that both spell an address alike.
  const hostname = URL.parse(`${protocol}//${host}`)?.hostname;
  if (!hostname) return undefined;
  return { protocol, hostname, below: below !== undefined, port: port ?? DEFAULT_PORTS[protocol] };
}

/** Whether an entry allows the URL's scheme, host and port. */
export function allows(entry: AllowedHost, { protocol, hostname, port }: URL): boolean {
  if (protocol !== entry.protocol) return false;
  if (entry.port !== '*' && entry.port !== (port || DEFAULT_PORTS[entry.protocol])) return false;
  return entry.below ? hostname.endsWith(`.${entry.hostname}`) : hostname === entry.hostname;
}
