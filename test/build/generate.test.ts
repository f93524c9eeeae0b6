import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../../build/generate.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-generate-'));
  cpSync('schemas', join(root, 'schemas'), { recursive: true });
  mkdirSync(join(root, 'src'));
  cpSync('src/jobs', join(root, 'src/jobs'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true }));

const registry = () => readFileSync(join(root, '.generated/jobs.ts'), 'utf8');

test('a new job type needs a schema and a job, and no line anywhere else', async () => {
  await generate(root);
  expect(registry()).not.toContain('greet');
  writeFileSync(
    join(root, 'schemas/greet.json'),
    '{"title":"Greet","type":"object","properties":{"name":{"type":"string"}}}',
  );
  writeFileSync(join(root, 'src/jobs/greet.ts'), 'export default {};');
  await generate(root);
  expect(registry()).toMatch(/\['greet', job\d+\]/);
  expect(registry()).toMatch(/\['triple', job\d+\]/);
  expect(readFileSync(join(root, '.generated/schemas/greet.d.ts'), 'utf8')).toContain('interface Greet');
});

test('what an earlier run made of a schema that is gone, is gone too', async () => {
  cpSync(join(root, 'schemas/triple.json'), join(root, 'schemas/old.json'));
  await generate(root);
  rmSync(join(root, 'schemas/old.json'));
  await generate(root);
  const files = readdirSync(join(root, '.generated/schemas'));
  expect(files).toEqual(expect.arrayContaining(['triple.d.ts', 'triple.js']));
  expect(files.filter((file) => file.startsWith('old.'))).toEqual([]);
});

test('a job type without a schema is named, with the file to add', async () => {
  writeFileSync(join(root, 'src/jobs/greet.ts'), 'export default {};');
  await expect(generate(root)).rejects.toThrow('src/jobs/greet.ts has no schema: add schemas/greet.json');
});

test('a job type in a folder is for the queue that has it as its default type, and for the tool', async () => {
  mkdirSync(join(root, 'infra'));
  cpSync(join(root, 'schemas/triple.json'), join(root, 'schemas/greet.json'));
  mkdirSync(join(root, 'src/jobs/letters'));
  for (const file of ['greet', 'paper']) writeFileSync(join(root, `src/jobs/letters/${file}.ts`), 'export default {};');
  writeFileSync(
    join(root, 'serverless.yml'),
    `custom:\n  patterns:\n    - \${file(infra/letters.yml)}\n  queues: { jobs: { defaultType: triple } }\n`,
  );
  writeFileSync(join(root, 'infra/letters.yml'), 'queues:\n  letters:\n    defaultType: greet\n');
  await generate(root);
  expect(registry()).not.toContain('greet');
  const all = readFileSync(join(root, '.generated/all-jobs.ts'), 'utf8');
  expect(all).toContain("'../src/jobs/letters/greet.ts'");
  expect(all).not.toContain('paper');
  const queues = readFileSync(join(root, '.generated/queues.ts'), 'utf8');
  expect(queues).toContain('["letters",{"defaultType":"greet","jobTypes":["greet"]}]');
  expect(queues).toContain('["jobs",{"defaultType":"triple","jobTypes":["triple","webhook"]}]');
});

test('a queue runs the job types that its function imports, and no neighbours of theirs', async () => {
  mkdirSync(join(root, 'src/jobs/letters'));
  mkdirSync(join(root, 'src/functions'), { recursive: true });
  for (const type of ['greet', 'sign']) {
    cpSync(join(root, 'schemas/triple.json'), join(root, `schemas/${type}.json`));
    writeFileSync(join(root, `src/jobs/letters/${type}.ts`), 'export default {};');
  }
  writeFileSync(join(root, 'src/functions/signed.ts'), "import sign from '../jobs/letters/sign.ts';\n");
  writeFileSync(
    join(root, 'src/functions/mixed.ts'),
    "import a from '../jobs/triple.ts';\nimport b from '../jobs/letters/greet.ts';\n",
  );
  writeFileSync(
    join(root, 'serverless.yml'),
    'custom:\n  queues: { signed: { defaultType: sign, topic: mail }, mixed: }\n',
  );
  await generate(root);
  const queues = readFileSync(join(root, '.generated/queues.ts'), 'utf8');
  expect(queues).toContain('["signed",{"defaultType":"sign","topic":"mail","jobTypes":["sign"]}]');
  expect(queues).toContain('["mixed",{"jobTypes":["triple","greet"]}]');
});

test('a schema may refer to another, and an error there is told of a file that does', async () => {
  const schema = {
    title: 'Big',
    type: 'object',
    allOf: [{ $ref: 'triple.json' }],
    properties: { type: { const: 'triple' } },
  };
  writeFileSync(join(root, 'schemas/big.json'), JSON.stringify(schema));
  await generate(root);
  const { default: validate } = await import(`${join(root, '.generated/schemas/big.js')}`);
  expect([validate({ job_id: 'a', value: 1 }), validate({ job_id: 'a', value: 'x' })]).toEqual([true, false]);
  expect(readFileSync(join(root, '.generated/schemas/big.d.ts'), 'utf8')).toContain('export type Big = Triple &');
  writeFileSync(join(root, 'schemas/triple.json'), '{"title":"Triple","type":"objekt"}');
  await expect(generate(root)).rejects.toThrow(/schemas\/big\.json does not compile/);
});

test('a schema that does not compile is named', async () => {
  writeFileSync(join(root, 'schemas/triple.json'), '{"title":"Triple","type":"objekt"}');
  await expect(generate(root)).rejects.toThrow(/schemas\/triple\.json does not compile/);
});

test.each<[string, object, object, RegExp]>([
  [
    'a pattern',
    { type: 'string', pattern: '^(a+)+$' },
    { maxLength: 10 },
    /^schemas\/triple\.json: the pattern "\^\(a\+\)\+\$" needs a "maxLength"/,
  ],
  [
    'uniqueItems',
    { type: 'array', uniqueItems: true },
    { maxItems: 10 },
    /^schemas\/triple\.json: "uniqueItems" needs a "maxItems"/,
  ],
])('%s without a bound beside it is refused, and taken with one', async (_name, rule, bound, problem) => {
  const schema = (more: object) => ({
    title: 'Triple',
    type: 'object',
    properties: { a: { anyOf: [{ type: 'null' }, { ...rule, ...more }] } },
  });
  writeFileSync(join(root, 'schemas/triple.json'), JSON.stringify(schema({})));
  await expect(generate(root)).rejects.toThrow(problem);
  writeFileSync(join(root, 'schemas/triple.json'), JSON.stringify(schema(bound)));
  await generate(root);
});

test('a text that is too long is refused before its pattern is looked at', async () => {
  await generate(root);
  const { default: validate } = await import(`${join(root, '.generated/schemas/webhook.js')}`);
  expect(validate({ type: 'webhook', job_id: 'a', url: 'x'.repeat(3_000), payload: null })).toBe(false);
  expect(validate.errors).toMatchObject([{ keyword: 'maxLength' }]);
});

test('a job type whose name no message can say is named', async () => {
  cpSync(join(root, 'schemas/triple.json'), join(root, 'schemas/größe.json'));
  writeFileSync(join(root, 'src/jobs/größe.ts'), 'export default {};');
  await expect(generate(root)).rejects.toThrow("src/jobs/größe.ts: a job type's name is 1 to 64 of");
});

test('the validators compile nothing at cold start', async () => {
  await generate(root);
  for (const type of ['triple', 'webhook']) {
    expect(readFileSync(join(root, `.generated/schemas/${type}.js`), 'utf8')).not.toMatch(
      /new Function|(?<!')\brequire\("/,
    );
  }
});
