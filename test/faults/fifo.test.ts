import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { pick, type Random, seededRandom, wholeNumber } from '../../demo/random.ts';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { countsOf } from '../../operator/stage/counts.ts';
import { DynamoDbStore } from '../../src/ledger/dynamodb/store.ts';
import { Blocks } from '../../src/queues/blocks.ts';
import { drained } from '../drained.ts';
import type { Deed } from './directed-entries.ts';

const PACKAGE = '.sluice/test';
const TEMPLATE = 'cloudformation-template-update-stack.json';
const NAME = 'sluice-test-entries';
const TABLE = 'processed_messages-test';
/** Messages of `p...` are parked where they are dead, those of `b...` block. */
const GROUPS = ['p0', 'p1', 'p2', 'b0', 'b1'];
const PER_GROUP = 7;
const KILLS = 3;
/** Seconds that an invocation may take. */
const TIMEOUT = 6;

let folder: string;

/** The package of this service, in which the function `entries` has the job types of directed-entries.ts. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-fifo-'));
  cpSync(PACKAGE, folder, { recursive: true });
  const { plugins, exclude, packager, skipRebuild, outputFileExtension, ...settings } = createRequire(import.meta.url)(
    '../../build/esbuild.cjs',
  )();
  const shed = createRequire(import.meta.url)('../../build/shed.cjs');
  const built = await build({
    ...settings,
    target: 'node24',
    plugins: [shed],
    entryPoints: ['test/faults/directed-entries.ts'],
    write: false,
  });
  const code = built.outputFiles?.[0]?.contents as Uint8Array;
  // A busy machine needs more time than the other tests' 2 s.
  const file = path.join(folder, TEMPLATE);
  const template = JSON.parse(readFileSync(file, 'utf8'));
  template.Resources.EntriesLambdaFunction.Properties.Timeout = TIMEOUT;
  template.Resources.EntriesQueue.Properties.VisibilityTimeout = 3 * TIMEOUT;
  writeFileSync(file, JSON.stringify(template));
  writeFileSync(path.join(folder, 'entries.zip'), zipSync({ 'src/functions/entries.cjs': code }));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Says what each run does, and keeps when each message ran for the first time. */
class Director {
  readonly #plans = new Map<string, Deed[]>();
  readonly firstRuns = new Map<string, number>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const id = request.url?.slice(1) ?? '';
      if (!this.firstRuns.has(id)) this.firstRuns.set(id, Date.now());
      request.resume().on('end', () => response.end(this.#plans.get(id)?.shift() ?? 'pass'));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  plan(id: string, deeds: Deed[]): void {
    this.#plans.set(id, deeds);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface Sent {
  readonly id: string;
  readonly group: string;
  /** Whether its end may be the DLQ. */
  readonly mayDie: boolean;
}

/** Half of the messages have some trouble, and one in each group that blocks is refused; a killer exits also where it runs alone. */
function planned(id: string, group: string, random: Random, director: Director): Sent {
  const blocks = group.startsWith('b');
  const exits: Deed[] = ['exit', 'exit'];
  const troubles: Deed[][] = [['fail'], ['fail', 'fail'], ['refuse'], ['fail', 'refuse'], ['exit'], exits];
  const trouble = random() < 0.5 ? [] : pick(random, troubles);
  const deeds: Deed[] = blocks && id.endsWith('-2') ? ['refuse'] : trouble;
  director.plan(id, [...deeds]);
  // Where the group blocks, an operator lets the message run until it passes. One exit is enough for a message that runs alone,
  // because its process was killed before.
  const mayDie = !blocks && (deeds.includes('refuse') || deeds.includes('exit'));
  return { id, group, mayDie };
}

interface Letter {
  readonly id: string;
  readonly group: string | undefined;
  readonly deduplication: string | undefined;
  readonly reason: { readonly errorClass: string; readonly blocks?: boolean; readonly messageId: string };
  readonly at: number;
}

function letterOf({ Body = '', Attributes, MessageAttributes }: Message): Letter {
  return {
    id: JSON.parse(Body).message_id,
    group: Attributes?.MessageGroupId,
    deduplication: Attributes?.MessageDeduplicationId,
    reason: JSON.parse(MessageAttributes?.DeadLetterReason?.StringValue ?? '{}'),
    at: Number(Attributes?.SentTimestamp),
  };
}

class World {
  readonly sqs: SQSClient;
  readonly #dynamodb: DynamoDBClient;
  readonly #url: string;
  readonly letters: Letter[] = [];
  decided = 0;

  constructor(cloud: Cloud) {
    const { endpoint } = cloud;
    const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    this.sqs = new SQSClient(options);
    this.#dynamodb = new DynamoDBClient(options);
    this.#url = `${endpoint}/000000000000/${NAME}`;
  }

  async send({ id, group }: Sent, copy = ''): Promise<void> {
    const MessageBody = JSON.stringify({ type: group.startsWith('b') ? 'blocks' : 'entry', message_id: id });
    const message = { MessageBody, MessageGroupId: group, MessageDeduplicationId: `${id}${copy}` };
    await this.sqs.send(new SendMessageCommand({ QueueUrl: `${this.#url}.fifo`, ...message }));
  }

  async waiting(): Promise<number> {
    const { waiting, inFlight, delayed } = await countsOf(this.sqs, `${this.#url}.fifo`);
    return waiting + inFlight + delayed;
  }

  /** What an operator does: takes the letters, and lets run again what blocks. */
  async operate(): Promise<void> {
    const QueueUrl = `${this.#url}-dlq.fifo`;
    const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0, ...all }),
    );
    for (const message of Messages) {
      const letter = letterOf(message);
      this.letters.push(letter);
      if (letter.reason.blocks) await this.#letRun(letter);
      await this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    }
  }

  /** The notice comes before the state: a moment later the message waits. */
  async #letRun({ reason }: Letter): Promise<void> {
    const records = new DynamoDbStore(this.#dynamodb, TABLE, 'message_id').open();
    const blocks = new Blocks(records, `${NAME}.fifo`, Date.now);
    for (let n = 0; n < 20; n++) {
      if (await blocks.decide(reason.messageId, 'runsAgain')) {
        this.decided += 1;
        break;
      }
      await delay(50);
    }
    records.close();
  }

  async items(): Promise<Map<string, Record<string, unknown>>> {
    const documents = DynamoDBDocumentClient.from(this.#dynamodb);
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: TABLE, ConsistentRead: true }));
    return new Map(Items.map((item) => [item.message_id, item]));
  }

  close(): void {
    this.sqs.destroy();
    this.#dynamodb.destroy();
  }
}

test.each([1, 2])(
  'through failures, killed processes and duplicates each group is stored in the order sent, without gaps but for what is parked (seed %d)',
  async (seed) => {
    const random = seededRandom(seed);
    const director = new Director();
    const variables = { MAX_RECEIVE_COUNT: '1000', VISIBILITY_TIMEOUT: String(3 * TIMEOUT) };
    const environment = { [NAME]: { ...variables, DIRECTOR: await director.listen() } };
    const cloud = await startCloud({ template: path.join(folder, TEMPLATE), port: 0, environment });
    const world = new World(cloud);
    try {
      const sent: Sent[] = [];
      for (let n = 0; n < PER_GROUP; n++) {
        for (const group of GROUPS) {
          const message = planned(`${group}-${n}`, group, random, director);
          sent.push(message);
          await world.send(message);
          // A producer that did not get its answer, and sends again past SQS's deduplication.
          if (random() < 0.15) await world.send(pick(random, sent), `-again-${n}`);
        }
      }
      let kills = 0;
      let nextKill = 0;
      await drained(async () => {
        await world.operate();
        if (kills < KILLS && Date.now() > nextKill && cloud.functions.get(NAME)?.killOne()) {
          kills += 1;
          nextKill = Date.now() + wholeNumber(random, 3_000);
        }
        return await world.waiting();
      });
      for (let before = -1; before < world.letters.length; ) {
        before = world.letters.length;
        await world.operate();
      }
      expect(kills).toBeGreaterThan(0);
      const items = await world.items();
      expectEnds(sent, items, world);
      for (const group of GROUPS)
        expectOrder(
          sent.filter((each) => each.group === group),
          items,
          director,
          world,
        );
    } finally {
      world.close();
      director.close();
      await cloud.close();
    }
  },
  600_000,
);

/** Each message is stored once, or it is dead and in the DLQ with its reason, group and deduplication id. */
function expectEnds(
  sent: readonly Sent[],
  items: ReadonlyMap<string, Record<string, unknown>>,
  { letters, decided }: World,
) {
  for (const { id, group, mayDie } of sent) {
    const item = items.get(id);
    const parked = letters.filter((letter) => letter.id === id && !letter.reason.blocks);
    if (item?.Status !== 'done') {
      expect({ id, parked }).toMatchObject({ id, parked: expect.arrayContaining([expect.anything()]) });
      if (!mayDie) throw new Error(`${id} should have passed: ${JSON.stringify(parked)}`);
    } else {
      const { processed_at, ttl } = item;
      expect(Math.abs(Number(processed_at) * 1000 - Date.now())).toBeLessThan(600_000);
      expect(Math.abs(Number(ttl) - Number(processed_at) - 86_400)).toBeLessThan(2);
    }
    for (const letter of parked) {
      expect(letter.group).toBe(group);
      expect(letter.deduplication).toMatch(new RegExp(`^${id}(-again-\\d+)?$`));
      expect(letter.reason.errorClass).toMatch(/^(PermanentError|KilledItsProcess)$/);
    }
  }
  expect(decided).toBeGreaterThanOrEqual(GROUPS.filter((group) => group.startsWith('b')).length);
}

/** None began before the one before it was stored, or parked. */
function expectOrder(
  sent: readonly Sent[],
  items: ReadonlyMap<string, Record<string, unknown>>,
  { firstRuns }: Director,
  { letters }: World,
) {
  const endOf = ({ id }: Sent): number => {
    const item = items.get(id);
    const stored = item?.Status === 'done' ? [Date.parse(String(item.CompletedAt))] : [];
    // A message that is parked ends there; its duplicate, which comes later, may be stored in its own turn.
    const parked = letters.filter((letter) => letter.id === id && !letter.reason.blocks).map(({ at }) => at);
    return Math.min(...stored, ...parked);
  };
  for (const [i, message] of sent.entries()) {
    const before = sent[i - 1];
    if (!before) continue;
    const [ended, began] = [endOf(before), firstRuns.get(message.id) ?? Number.NaN];
    expect({ id: message.id, inOrder: ended <= began, ended, began }).toMatchObject({ inOrder: true });
  }
}
