import { join } from 'node:path';
import { bundleChanged, OUT } from '../bundle.ts';
import { runProcess, StubServer } from '../measure.ts';
import { type Rounds, runsOf, takeTurns } from '../rounds.ts';
import type { Savings } from './savings.ts';
import { TRICKS } from './undone.ts';

const AS_IT_IS = 'as it is';
const PATIENCE_MS = 30_000;

/** From the start of a process to its first answer, over HTTP. */
export async function measureStarts(tricks: readonly string[], rounds: Rounds, savings: Savings): Promise<void> {
  const files = await bundleChanged([{}, ...tricks.map((trick) => TRICKS[trick]?.without ?? {})], 'http');
  const names = [AS_IT_IS, ...tricks];
  const server = await StubServer.start();
  try {
    const turns = takeTurns(names, rounds, async (name, round) => {
      const args = [join(OUT, 'process/first-answer.cjs'), files[names.indexOf(name)] ?? '', `${name}${round}`];
      const { output, wallMs } = await runProcess(args, { AWS_ENDPOINT_URL: server.endpoint }, PATIENCE_MS);
      const { cpuMs, failed } = JSON.parse(output);
      if (failed > 0) throw new Error('it failed its first job');
      return { cpuMs, wallMs };
    });
    for await (const outcomes of turns) {
      const ours = runsOf(outcomes, AS_IT_IS);
      for (const trick of tricks) {
        const pairs = runsOf(outcomes, trick).flatMap((theirs, i) => {
          const own = ours[i];
          return own ? [{ own, theirs }] : [];
        });
        if (pairs.length === 0) continue;
        savings.note(
          trick,
          'CPU of a cold start',
          pairs.map(({ own, theirs }) => [own.cpuMs, theirs.cpuMs]),
        );
        savings.note(
          trick,
          'time of a cold start',
          pairs.map(({ own, theirs }) => [own.wallMs, theirs.wallMs]),
        );
      }
    }
  } finally {
    server.close();
  }
}
