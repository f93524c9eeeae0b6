/** A PartiQL token with its offset in the statement, so that an error can say where. */
export interface Token {
  kind: 'word' | 'identifier' | 'string' | 'number' | 'symbol' | 'end';
  text: string;
  at: number;
}

/** The statement is not PartiQL as DynamoDB understands it. The message says what was expected, and where. */
export class PartiqlError extends Error {
  override name = 'PartiqlError';
}

const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<word>[A-Za-z_$][\w$]*)`,
    `"(?<identifier>(?:[^"]|"")*)"`,
    `'(?<string>(?:[^']|'')*)'`,
    String.raw`(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
    String.raw`(?<symbol><<|>>|<=|>=|<>|!=|[=<>?,.(){}[\]:*+-])`,
  ].join('|'),
  'y',
);

/** Splits a statement into tokens. Quoted text is unescaped: doubled quotes become one. */
export function tokenize(statement: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < statement.length) {
    PATTERN.lastIndex = at;
    const groups = PATTERN.exec(statement)?.groups;
    if (!groups) throw new PartiqlError(`unexpected ${JSON.stringify(statement[at])} at character ${at + 1}`);
    const token = tokenFrom(groups, at);
    if (token) tokens.push(token);
    at = PATTERN.lastIndex;
  }
  tokens.push({ kind: 'end', text: 'the end of the statement', at });
  return tokens;
}

function tokenFrom(groups: Record<string, string | undefined>, at: number): Token | undefined {
  if (groups.word !== undefined) return { kind: 'word', text: groups.word, at };
  if (groups.identifier !== undefined) return { kind: 'identifier', text: groups.identifier.replaceAll('""', '"'), at };
  if (groups.string !== undefined) return { kind: 'string', text: groups.string.replaceAll("''", "'"), at };
  if (groups.number !== undefined) return { kind: 'number', text: groups.number, at };
  if (groups.symbol !== undefined) return { kind: 'symbol', text: groups.symbol, at };
  return undefined;
}
