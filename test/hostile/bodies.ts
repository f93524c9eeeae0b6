/**
 * The worst text of each shape that a producer can send, about `bytes` long: what made something here slow, deep, large or
 * loud once, and what could.
 */
export const SHAPES: Readonly<Record<string, (bytes: number) => string>> = {
  'words of dashes in a type': (bytes) => `{"type":"x\\" ${fill('a-', bytes)}","job_id":"r"}`,
  'digits and dashes in a type': (bytes) => `{"type":"${fill('1-', bytes)}!","job_id":"r"}`,
  'a long type': (bytes) => `{"type":"${fill('x', bytes)}","job_id":"r","value":1}`,
  'a long id': (bytes) => `{"job_id":"${fill('x', bytes)}","value":1}`,
  'an id of surrogate halves': (bytes) => `{"job_id":"${fill('\\ud800', bytes)}","value":1}`,
  'an id of control characters': (bytes) => `{"job_id":"${fill('\\u0000', bytes)}","value":1}`,
  'an id that is a list': (bytes) => `{"job_id":[${fill('1,', bytes)}1],"value":1}`,
  'a long number': (bytes) => `{"job_id":"r","value":${fill('9', bytes)}}`,
  'a long fraction': (bytes) => `{"job_id":"r","value":0.${fill('0', bytes)}1}`,
  'a long name': (bytes) => `{"job_id":"r","value":1,"${fill('n', bytes)}":1}`,
  'very many names': (bytes) => `{"job_id":"r","value":1,${list(bytes, (i) => `"n${i}":1`)}}`,
  'very many names that are numbers': (bytes) => `{"job_id":"r","value":1,${list(bytes, (i) => `"${i * 7919}":1`)}}`,
  'the same name again and again': (bytes) => `{${list(bytes, () => '"job_id":"r"')}}`,
  'very many names in the payload': (bytes) =>
    `{"type":"open","job_id":"r","payload":{${list(bytes, (i) => `"n${i}":1`)}}}`,
  'a long text in the payload': (bytes) => `{"type":"open","job_id":"r","payload":"${fill('y', bytes)}"}`,
  'escapes in the payload': (bytes) => `{"type":"open","job_id":"r","payload":"${fill('\\u00e9', bytes)}"}`,
  'surrogate halves in the payload': (bytes) => `{"type":"open","job_id":"r","payload":"${fill('\\udc00', bytes)}"}`,
  'nulls in the payload': (bytes) => `{"type":"open","job_id":"r","payload":[${fill('null,', bytes)}null]}`,
  'empty texts in the payload': (bytes) => `{"type":"open","job_id":"r","payload":[${fill('"",', bytes)}""]}`,
  'empty lists in the payload': (bytes) => `{"type":"open","job_id":"r","payload":[${fill('[],', bytes)}[]]}`,
  'many deep lists in the payload': (bytes) =>
    `{"type":"open","job_id":"r","payload":[${fill(`${'['.repeat(120)}${']'.repeat(120)},`, bytes)}1]}`,
  'a __proto__ at the end': (bytes) => `{"job_id":"r","a":[${fill('{},', bytes)}{"\\u005f_proto__":1}]}`,
  'a __proto__ that is none': (bytes) => `{"job_id":"__proto__","a":[${fill('{"\\u005f":1},', bytes)}1]}`,
  'levels of lists': (bytes) => `{"job_id":"r","value":${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}}`,
  'levels of objects that nobody closes': (bytes) => fill('{"a":', bytes),
  'closing brackets': (bytes) => fill(']', bytes),
  quotes: (bytes) => fill('"', bytes),
  'backslashes in a string': (bytes) => `{"a":"${fill('\\', bytes)}"}`,
  'a string without an end': (bytes) => `{"a":"${fill('x', bytes)}`,
  'white space': (bytes) => `${fill(' \n', bytes)}x`,
  'white space and nothing else': (bytes) => fill(' ', bytes),
  'a bad escape at the end': (bytes) => `{"a":"${fill('\\n', bytes)}\\q"}`,
  'no JSON': (bytes) => fill('sk_live_', bytes),
  'minus signs': (bytes) => fill('-', bytes),
};

function fill(piece: string, bytes: number): string {
  return piece.repeat(Math.max(1, Math.floor(bytes / piece.length)));
}

function list(bytes: number, item: (i: number) => string): string {
  const items: string[] = [];
  for (let i = 0, length = 0; length < bytes; i++) {
    const text = item(i);
    items.push(text);
    length += text.length + 1;
  }
  return items.join(',');
}
