import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { compile } from 'json-schema-to-typescript';
import { parse } from 'yaml';
import { tableOf } from '../infra/names.js';
import { jobFilesIn, patternFiles } from '../infra/project-files.js';
import { TYPE_NAME } from '../src/queues/message.ts';

const home = join(import.meta.dirname, '..');

/**
 * Writes `.generated/`, which all other code imports from:
 * - `schemas/<type>.js` and `.d.ts`: for each `schemas/<type>.json`, a precompiled validator as the default export, and
 *   the schema's TypeScript type. Validators are made here so that a cold start compiles nothing (39 ms of ajv).
 * - `jobs.ts`: the list of every job type in `src/jobs/`, so that a new one needs no line anywhere else.
 * - `all-jobs.ts`: the same and those in folders of `src/jobs/`, which belong to queues of their own, for the operator's
 *   tool. A file in a folder is a job type where there is a schema of its name.
 * - `queues.ts`: the queues that serverless.yml and its patterns declare, with their default types and the job types that
 *   they run, for the tool, too.
 *
 * @param root the project's folder
 * @throws when a schema does not compile or lets a producer's text cost more than linear time, or when a job type lacks
 *   its schema or has a name that no message can use; the message names the file.
 */
export async function generate(root = home): Promise<void> {
  const out = join(root, '.generated');
  const types = namesIn(join(root, 'schemas'), '.json');
  const jobs = jobFiles(root, types);

  const read = (type: string) => JSON.parse(readFileSync(join(root, 'schemas', `${type}.json`), 'utf8'));
  const schemas = Object.fromEntries(types.map((type) => [`${type}.json`, read(type)]));

  const files = new Map<string, string>();
  for (const type of types) {
    const schema = schemas[`${type}.json`];
    if (!schema.title) throw new Error(`schemas/${type}.json has no "title": its TypeScript type is named after it`);
    const unbounded = unboundedRule(schema);
    if (unbounded) throw new Error(`schemas/${type}.json: ${unbounded}`);
    files.set(`schemas/${type}.js`, await validatorSource(type, schema, schemas));
    files.set(`schemas/${type}.d.ts`, await typeSource(schema, join(root, 'schemas')));
  }
  files.set('jobs.ts', registrySource(jobs.filter(({ folder }) => folder === '')));
  files.set('all-jobs.ts', registrySource(jobs));
  files.set(
    'queues.ts',
    queuesSource(declaredQueues(root), (queue) => jobTypesOf(root, queue, jobs)),
  );

  mkdirSync(join(out, 'schemas'), { recursive: true });
  for (const [file, source] of files) writeIfChanged(join(out, file), source);
  for (const file of readdirSync(join(out, 'schemas'))) {
    if (!files.has(`schemas/${file}`)) rmSync(join(out, 'schemas', file));
  }
}

/**
 * Written to another file first and then renamed. So a program that reads the file now, such as a test run, never finds
 * it missing or half written.
 */
function writeIfChanged(file: string, source: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === source) return;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, source);
  renameSync(fresh, file);
}

function namesIn(folder: string, extension: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .map((file) => basename(file, extension))
    .sort();
}

/** A job type's file. */
interface JobFile {
  readonly name: string;
  /** Its folder in `src/jobs/`; empty for a file that is not in a folder. */
  readonly folder: string;
}

function jobFiles(root: string, types: readonly string[]): JobFile[] {
  const jobs = jobFilesIn(root, types);
  for (const { name, folder } of jobs) {
    const file = `src/jobs/${folder && `${folder}/`}${name}.ts`;
    if (!types.includes(name)) throw new Error(`${file} has no schema: add schemas/${name}.json`);
    if (!TYPE_NAME.test(name)) {
      throw new Error(`${file}: a job type's name is 1 to 64 of A-Z, a-z, 0-9, "_", "-" and "."`);
    }
    const twin = jobs.find((job) => job.name === name && job.folder !== folder);
    if (twin) throw new Error(`${file}: the folder "${twin.folder}" has a job type of this name, too. Rename one`);
  }
  return jobs;
}

/**
 * Ajv's standalone code still requires parts of ajv. Bundling adds them, and makes the file ESM.
 *
 * @param schemas by file name, for `$ref: "order.json"`
 */
async function validatorSource(type: string, schema: object, schemas: Record<string, object>): Promise<string> {
  const { [`${type}.json`]: _, ...others } = schemas;
  const ajv = new Ajv({ code: { source: true, esm: true }, allowUnionTypes: true });
  // Not validated here: each is when its own turn comes, and the error then names its file.
  for (const [file, other] of Object.entries(others)) ajv.addSchema(other, file, undefined, false);
  try {
    const contents = standaloneCode(ajv, ajv.compile(schema));
    const stdin = { contents, resolveDir: home };
    const built = await build({ stdin, bundle: true, format: 'esm', write: false, logLevel: 'silent' });
    return built.outputFiles[0]?.text ?? '';
  } catch (error) {
    throw new Error(`schemas/${type}.json does not compile: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * A rule that may cost much needs a second rule, which limits it and which the validator checks first. A pattern may
 * read each character again and again, and `uniqueItems` compares each item with every other.
 */
function unboundedRule(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { pattern, maxLength, uniqueItems, maxItems } = schema as Record<string, unknown>;
  if (typeof pattern === 'string' && typeof maxLength !== 'number') {
    return `the pattern "${pattern}" needs a "maxLength" beside it: a producer chooses how long the text is`;
  }
  if (uniqueItems === true && typeof maxItems !== 'number') {
    return '"uniqueItems" needs a "maxItems" beside it: a producer chooses how many there are';
  }
  for (const part of Object.values(schema)) {
    const problem = unboundedRule(part);
    if (problem) return problem;
  }
  return undefined;
}

async function typeSource(schema: { title: string }, folder: string): Promise<string> {
  const types = await compile(schema, schema.title, { bannerComment: '', additionalProperties: false, cwd: folder });
  return `import type { ValidateFunction } from 'ajv';\n${types}\ndeclare const validate: ValidateFunction<${schema.title}>;\nexport default validate;\n`;
}

function registrySource(jobs: readonly JobFile[]): string {
  const path = ({ folder, name }: JobFile) => `../src/jobs/${folder && `${folder}/`}${name}.ts`;
  const imports = jobs.map((job, i) => `import job${i} from '${path(job)}';`).join('\n');
  const entries = jobs.map(({ name }, i) => `  ['${name}', job${i}],`).join('\n');
  return `import type { AnyJobType } from '../src/job.ts';\n${imports}\n\nexport const jobs = new Map<string, AnyJobType>([\n${entries}\n]);\n`;
}

interface QueueEntry {
  readonly name: string;
  /** Where it stands, for messages. */
  readonly place: string;
  readonly defaultType: unknown;
  readonly topic: unknown;
  readonly next: unknown;
  /** Of its records, where that is not the results table. */
  readonly table?: { readonly id: string; readonly key: string } | undefined;
}

/**
 * Reads serverless.yml without the framework, which takes seconds. So a default type must be written as it is, not as
 * `${...}`.
 */
function declaredQueues(root: string): QueueEntry[] {
  const file = join(root, 'serverless.yml');
  const { queues, patterns, tables } = existsSync(file) ? (readYaml(file).custom ?? {}) : {};
  const others = patternFiles(patterns).map((each) => ({ each, declared: readYaml(join(root, each)) }));
  const allTables = Object.assign({}, tables, ...others.map(({ declared }) => declared.tables));
  return [
    ...entriesOf(queues, 'serverless.yml: custom.queues', allTables),
    ...others.flatMap(({ each, declared }) => entriesOf(declared.queues, `${each}: queues`, allTables)),
  ];
}

// biome-ignore lint/suspicious/noExplicitAny: infra/declaration-rules.js says what is wrong with a declaration
const readYaml = (file: string): any => parse(readFileSync(file, 'utf8'), { logLevel: 'silent' }) ?? {};

interface YamlQueue {
  readonly defaultType?: unknown;
  readonly next?: unknown;
  readonly topic?: unknown;
  readonly table?: string;
}
type YamlQueues = Record<string, YamlQueue | null> | null | undefined;

function entriesOf(queues: YamlQueues, place: string, tables: Record<string, { partitionKey?: string }>): QueueEntry[] {
  return Object.entries(queues ?? {}).map(([name, entry]) => {
    const key = tables[entry?.table ?? '']?.partitionKey;
    const table = entry?.table && key ? { id: tableOf({ table: entry.table }), key } : undefined;
    const { defaultType, next, topic } = entry ?? {};
    return {
      name,
      place,
      defaultType: defaultType ?? undefined,
      next: next ?? undefined,
      topic: topic ?? undefined,
      table,
    };
  });
}

const IMPORTED = /from '\.\.\/jobs\/(?:([\w-]+)\/)?([\w.-]+)\.ts'/g;

/**
 * What a queue's function runs: the job types that its file imports. Where it names none, those of its default type's folder;
 * without a default type, those of `src/jobs/` itself.
 */
function jobTypesOf(root: string, { name, defaultType }: QueueEntry, jobs: readonly JobFile[]): string[] {
  const file = join(root, 'src/functions', `${name}.ts`);
  const imported = [...(existsSync(file) ? readFileSync(file, 'utf8') : '').matchAll(IMPORTED)];
  const own = jobs.filter((job) =>
    imported.some(([, folder = '', type]) => folder === job.folder && type === job.name),
  );
  const family = jobs.find((job) => job.name === defaultType)?.folder ?? '';
  return (own.length > 0 ? own : jobs.filter(({ folder }) => folder === family)).map((job) => job.name);
}

/** @param queues in their order */
function queuesSource(queues: readonly QueueEntry[], typesOf: (queue: QueueEntry) => string[]): string {
  const declared = queues.map((queue) => {
    const { name, place, defaultType, next, topic, table } = queue;
    if (defaultType !== undefined && (typeof defaultType !== 'string' || !TYPE_NAME.test(defaultType))) {
      throw new Error(
        `${place}.${name}.defaultType must be a job type's name as it is, not ${JSON.stringify(defaultType)}`,
      );
    }
    return [name, { defaultType, topic, jobTypes: typesOf(queue), next, table }];
  });
  return `export interface DeclaredQueue {
  /** Of messages that name no type. */
  readonly defaultType?: string;
  /** The topic that it subscribes to. */
  readonly topic?: string;
  /** Those that its function's file imports; without any, those of its default type's folder. */
  readonly jobTypes: readonly string[];
  /** The queue that gets what its jobs hand over. */
  readonly next?: string;
  /** The table of its records, by logical id, and that table's key; undefined for the results table. */
  readonly table?: { readonly id: string; readonly key: string };
}

/** The queues of serverless.yml, by name, in their order. */
export const queues: ReadonlyMap<string, DeclaredQueue> = new Map<string, DeclaredQueue>(${JSON.stringify(declared)});
`;
}

if (import.meta.main) await generate();
