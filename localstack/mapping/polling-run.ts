import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { BatchBuffer } from './batch-buffer.ts';
import { Concurrency } from './concurrency.ts';
import type { MappingConfiguration } from './configuration.ts';
import { deleteMessages } from './delete-messages.ts';
import { compileFilter } from './filter.ts';
import { handleBatch, type MappingDependencies } from './handle-batch.ts';
import { MessageGroups } from './message-groups.ts';
import { type BufferedRecord, toRecord } from './record.ts';

/** Counts since the mapping was made; `returned` messages were left to their visibility timeout. */
export interface MappingCounts {
  received: number;
  deleted: number;
  returned: number;
  batches: number;
  inFlightBatches: number;
}

/** What a run reports to its mapping. */
export interface RunListener {
  counts: MappingCounts;
  /** The queue answers: receives begin. */
  polling(): void;
  result(text: string): void;
}

/** SQS returns at most 10 messages to a receive. */
const messagesPerReceive = 10;
/** Lambda polls with five pollers; here they join in only while receives come back full. */
const mostPollers = 5;
/**
 * Seconds that a receive waits for the first message. Short, because stopping waits for it: a long poll that is given up
 * halfway would still take messages out of the queue.
 */
const longPollSeconds = 1;
/** The queue's visibility timeout may be changed under a running mapping; milliseconds between looks. */
const visibilityRefreshMs = 30_000;
const errorPauseMs = { first: 200, longest: 10_000 };

/**
 * Polls a queue with one configuration, from start to stop. Receives no more messages than the function can be invoked
 * with at once (free batches times batch size), so that none waits out its visibility timeout here.
 */
export class PollingRun {
  readonly #configuration: MappingConfiguration;
  readonly #dependencies: MappingDependencies;
  readonly #listener: RunListener;
  readonly #fifo: boolean;
  readonly #matches: (body: string) => boolean;
  readonly #buffer: BatchBuffer;
  readonly #concurrency: Concurrency;
  readonly #groups = new MessageGroups();
  /** Received while their group was in a batch: they follow when a batch ends. */
  #waiting: BufferedRecord[] = [];
  readonly #stopping = new AbortController();
  readonly #finished = Promise.withResolvers<void>();
  /** Receives, batches and deletes under way: stopping waits for all of them. */
  #receives = 0;
  #batches = 0;
  #deletes = 0;
  /** Messages that the receives under way may bring. */
  #reserved = 0;
  #pollers = 1;
  #ready = false;
  #errorPauseMs = 0;
  #windowTimer: NodeJS.Timeout | undefined;
  #visibilityMs = Number.POSITIVE_INFINITY;
  #visibilityReadAt = Number.NEGATIVE_INFINITY;

  /** Throws InvalidFilterError for filter criteria that cannot be applied. */
  constructor(configuration: MappingConfiguration, dependencies: MappingDependencies, listener: RunListener) {
    this.#configuration = configuration;
    this.#dependencies = dependencies;
    this.#listener = listener;
    this.#fifo = configuration.queueArn.endsWith('.fifo');
    this.#matches = compileFilter(configuration.filterCriteria);
    this.#buffer = new BatchBuffer(configuration);
    this.#concurrency = new Concurrency(configuration.maximumConcurrency);
  }

  start(): void {
    void this.#prepare();
  }

  /** Ends polling, invokes at once with what has been received, and resolves when every batch is done. */
  stop(): Promise<void> {
    this.#stopping.abort();
    this.#pump();
    return this.#finished.promise;
  }

  async #prepare(): Promise<void> {
    const { signal } = this.#stopping;
    this.#receives += 1;
    while (!signal.aborted && !this.#ready) {
      this.#ready = await this.#guard('read the attributes of', () => this.#readVisibility());
    }
    this.#receives -= 1;
    if (!signal.aborted) this.#listener.polling();
    this.#pump();
  }

  async #readVisibility(): Promise<void> {
    const { queueUrl: QueueUrl } = this.#configuration;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] });
    const { Attributes } = await this.#dependencies.sqs.send(command);
    this.#visibilityMs = Number(Attributes?.VisibilityTimeout ?? 30) * 1000;
    this.#visibilityReadAt = Date.now();
  }

  /** Runs a request to the queue; after an error it logs, waits (longer each time) and returns false. */
  async #guard(what: string, request: () => Promise<void>): Promise<boolean> {
    try {
      await request();
      this.#errorPauseMs = 0;
      return true;
    } catch (error) {
      const { log } = this.#dependencies;
      log(`Could not ${what} ${this.#configuration.queueUrl}, trying again: ${String(error)}`);
      this.#listener.result(`PROBLEM: Could not ${what} the queue: ${String(error)}`);
      this.#errorPauseMs = Math.min(errorPauseMs.longest, Math.max(errorPauseMs.first, this.#errorPauseMs * 2));
      await sleep(this.#errorPauseMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      return false;
    }
  }

  /** Brings everything forward that can go: closed batches into free slots, then receives for the slots still free. */
  #pump(): void {
    const stopping = this.#stopping.signal.aborted;
    this.#startBatches(stopping);
    this.#watchWindow(stopping);
    if (!stopping) this.#startReceives();
    else if (this.#receives + this.#batches + this.#deletes + this.#buffer.length === 0) this.#finished.resolve();
  }

  #startBatches(flush: boolean): void {
    while (this.#batches < this.#concurrency.limit) {
      const batch = this.#buffer.take(Date.now(), flush);
      if (!batch) return;
      void this.#runBatch([batch]);
    }
  }

  #watchWindow(stopping: boolean): void {
    clearTimeout(this.#windowTimer);
    const due = this.#buffer.dueAt();
    const waitMs = due === undefined ? 0 : due - Date.now();
    // A window that has passed waits for a free slot, and the end of a batch brings it forward.
    if (waitMs > 0 && !stopping) this.#windowTimer = setTimeout(() => this.#pump(), waitMs);
  }

  #startReceives(): void {
    const { batchSize } = this.#configuration;
    while (this.#ready && this.#receives < (this.#errorPauseMs > 0 ? 1 : this.#pollers)) {
      const slots = this.#concurrency.limit - this.#batches;
      // On a FIFO queue every receive becomes a batch of its own, whatever it brings.
      const room = this.#fifo
        ? (slots - this.#receives) * batchSize
        : slots * batchSize - this.#buffer.length - this.#reserved;
      const wanted = Math.min(messagesPerReceive, batchSize, room);
      if (wanted < 1) return;
      void this.#receive(wanted);
    }
  }

  async #receive(wanted: number): Promise<void> {
    this.#receives += 1;
    this.#reserved += wanted;
    await this.#guard('receive from', async () => {
      if (Date.now() - this.#visibilityReadAt > visibilityRefreshMs) await this.#readVisibility();
      const { Messages = [] } = await this.#dependencies.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#configuration.queueUrl,
          MaxNumberOfMessages: wanted,
          WaitTimeSeconds: longPollSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      this.#adjust(Messages.length, wanted);
      this.#accept(Messages);
    });
    this.#receives -= 1;
    this.#reserved -= wanted;
    this.#pump();
  }

  #adjust(received: number, wanted: number): void {
    const full = received === wanted;
    this.#concurrency.received(full, Date.now());
    if (full) this.#pollers = Math.min(mostPollers, this.#pollers + 1);
    else if (received === 0) {
      this.#pollers = 1;
      if (this.#batches === 0) this.#concurrency.idle();
    }
  }

  #accept(messages: readonly Message[]): void {
    const now = Date.now();
    this.#listener.counts.received += messages.length;
    const records: BufferedRecord[] = [];
    const filtered: BufferedRecord[] = [];
    for (const message of messages) {
      const record = toRecord(message, this.#configuration, now);
      (this.#matches(message.Body ?? '') ? records : filtered).push(record);
    }
    if (filtered.length > 0) void this.#discard(filtered);
    if (!this.#fifo) {
      for (const record of records) this.#buffer.add(record);
    } else if (records.length > 0) this.#acceptGroups(records);
  }

  /**
   * The queue unlocks a group with the last delete of its batch, so the next messages can be here before that batch has
   * ended. They must not be left to their visibility timeout: that would cost them a receive.
   */
  #acceptGroups(records: readonly BufferedRecord[]): void {
    const { free, taken } = this.#groups.claim(records);
    this.#waiting.push(...taken);
    if (free.length === 0) return;
    // A receive can bring more than 6 MB; its parts then follow each other, or they would overtake within a group.
    const parts = new BatchBuffer({ batchSize: this.#configuration.batchSize, windowSeconds: 0 });
    for (const record of free) parts.add(record);
    const batches: BufferedRecord[][] = [];
    for (let part = parts.take(0, true); part; part = parts.take(0, true)) batches.push(part);
    void this.#runBatch(batches);
  }

  /** Filter criteria delete what they do not let through, for good. */
  async #discard(records: readonly BufferedRecord[]): Promise<void> {
    const { sqs, log } = this.#dependencies;
    this.#deletes += 1;
    const deleted = await deleteMessages(sqs, this.#configuration.queueUrl, records, log);
    this.#listener.counts.deleted += deleted;
    this.#deletes -= 1;
    this.#pump();
  }

  /** Runs batches one after the other in one slot; groups that fail in one are left out of the next. */
  async #runBatch(batches: readonly (readonly BufferedRecord[])[]): Promise<void> {
    const { counts } = this.#listener;
    this.#batches += 1;
    counts.inFlightBatches += 1;
    const failedGroups = new Set<string | undefined>();
    for (const records of batches) {
      const batch = this.#fifo ? records.filter(({ groupId }) => !failedGroups.has(groupId)) : records;
      counts.returned += records.length - batch.length;
      if (batch.length === 0) continue;
      const outcome = await handleBatch(batch, {
        ...this.#dependencies,
        configuration: this.#configuration,
        visibilityMs: this.#visibilityMs,
        stopping: this.#stopping.signal,
        throttled: () => this.#concurrency.backOff(),
      });
      counts.batches += 1;
      counts.deleted += outcome.deleted;
      counts.returned += outcome.left.length;
      for (const { groupId } of outcome.left) failedGroups.add(groupId);
      if (outcome.invoked) this.#concurrency.succeeded();
      // Under ReportBatchItemFailures Lambda does not slow down: back-off is the function's own business.
      else if (!this.#configuration.reportBatchItemFailures) this.#concurrency.backOff();
      this.#listener.result(outcome.result);
    }
    if (this.#fifo) this.#groups.release(batches.flat());
    this.#batches -= 1;
    counts.inFlightBatches -= 1;
    // Into the slot that is free now, before the pump gives it to a receive.
    if (this.#waiting.length > 0) this.#acceptGroups(this.#waiting.splice(0));
    this.#pump();
  }
}
