import type { EnvironmentReader } from '../../env.ts';

/**
 * A server's URL of one of the schemes, which must be set. Problems do not repeat it: it may hold a password. Not a method of the
 * reader, which every bundle holds whole.
 */
export function serverUrl(variables: EnvironmentReader, name: string, schemes: readonly [string, ...string[]]): string {
  const value = variables.string(name);
  const isUrl = URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1));
  if (value && !isUrl) variables.problem(`${name} must be a URL such as ${schemes[0]}://user:password@host:port`);
  return value;
}
