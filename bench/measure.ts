import { type ChildProcess, fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { bundleFile, type Mode, OUT } from './bundle.ts';
import { ENVIRONMENT } from './process/event.ts';
import type { Task } from './process/invoke.ts';
import type { Measured } from './process/session.ts';
import { type Ledger, tablesAt } from './process/tables.ts';
import type { Behaviour } from './stub/table.ts';

/** Measurements in one fresh process. */
export interface Order extends Partial<Omit<Task, 'file' | 'table'>> {
  readonly bundle: string;
  readonly mode: Mode;
  readonly table?: Behaviour;
  /** The address of `http` requests. */
  readonly endpoint?: string;
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which the process is given up. */
  readonly patienceMs?: number;
}

let runs = 0;

/** Measures one batch size, by default 1,000. @throws Error when the process dies or takes longer than `patienceMs` */
export async function measure({ batch = 1_000, ...order }: Order & { readonly batch?: number }): Promise<Measured> {
  const [measured] = await measureAll({ batches: [batch], ...order });
  return measured as Measured;
}

/**
 * Measures each size of `batches`, one after another in the same process, after one warm-up.
 * @throws Error when the process dies or takes longer than `patienceMs`, with the end of its output
 */
export async function measureAll(order: Order): Promise<Measured[]> {
  const {
    bundle,
    mode,
    table = {},
    endpoint,
    nodeOptions = [],
    environment = {},
    patienceMs = 300_000,
    ...rest
  } = order;
  const task: Task = {
    batches: [1_000],
    warmUp: 3_000,
    warmUpCpuMs: Number.MAX_SAFE_INTEGER,
    warmUpBatch: 1_000,
    records: 1,
    measureMs: Number.MAX_SAFE_INTEGER,
    remainingMs: 900_000,
    prefix: `r${++runs}-`,
    ...rest,
    file: bundleFile(bundle, mode),
    ...(mode === 'stub' && { table }),
  };
  const { output } = await runProcess(
    [...nodeOptions, '--expose-gc', join(OUT, 'process/invoke.cjs'), JSON.stringify(task)],
    { ...environment, ...(endpoint && { AWS_ENDPOINT_URL: endpoint }) },
    patienceMs,
  );
  return JSON.parse(output) as Measured[];
}

/** Runs Node with only the function's environment. @returns what it wrote to descriptor 3, and its time */
export function runProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  patienceMs: number,
): Promise<{ output: string; wallMs: number }> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      env: { ...ENVIRONMENT, ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let errors = '';
    let wallMs = 0;
    child.stdio[3]?.on('data', (part) => {
      wallMs ||= performance.now() - started;
      output += part;
    });
    child.stderr?.on('data', (part) => {
      errors = (errors + part).slice(-2_000);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (output) resolve({ output, wallMs });
      else reject(new Error(`the process ended with ${signal ?? code}: ${errors}`));
    });
  });
}

/** The stub behind HTTP, in its own process. */
export class StubServer {
  readonly endpoint: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<StubServer> {
    const child = fork(join(import.meta.dirname, 'stub/server.ts'), { stdio: 'inherit' });
    const port = await new Promise<number>((resolve) =>
      child.once('message', (message: unknown) => resolve((message as { port: number }).port)),
    );
    return new StubServer(child, port);
  }

  /** Empties the tables and sets their behaviour. */
  async reset(behaviour: Behaviour = {}): Promise<void> {
    await fetch(`${this.endpoint}/control`, { method: 'POST', body: JSON.stringify(behaviour) });
  }

  ledger(): Promise<Ledger> {
    return tablesAt(this.endpoint).ledger();
  }

  close(): void {
    this.#child.disconnect();
  }
}
