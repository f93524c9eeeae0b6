/** An entry of WEBHOOK_ALLOWED_HOSTS: a place that deliveries may go to. */
export interface AllowedHost {
  readonly protocol: 'https:' | 'http:';
  /** As the URL standard writes it: lower case, numbers as dotted addresses, IPv6 in brackets. */
  readonly hostname: string;
  /** Whether the entry allows every name below `hostname`, and not that name itself. */
  readonly below: boolean;
  /** A number as text, or `*` for any. */
  readonly port: string;
}

export const ALLOWED_HOST_FORM = 'host, host:port, *.domain or either behind http:// (a port may be *)';

const ENTRY = /^(?:(https?):\/\/)?(\*\.)?([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}|\*))?$/;
const DEFAULT_PORTS = { 'https:': '443', 'http:': '80' };

/**
 * Reads `host`, `host:port` or `*.domain`. Without a scheme it means https, and without a port the scheme's default
 * port.
 *
 * @returns undefined for anything else
 */
export function readAllowedHost(text: string): AllowedHost | undefined {
  const match = ENTRY.exec(text.toLowerCase());
  if (!match) return undefined;
  const [, scheme = 'https', below, host = '', port] = match;
  const protocol = scheme === 'http' ? 'http:' : 'https:';
  // Parsed like a delivery's URL, so that both spell an address alike.
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
