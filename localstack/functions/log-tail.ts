/** How much of an invocation's log Lambda returns with `LogType: Tail`, in bytes. */
const tailBytes = 4096;

/** Collects the end of one invocation's log, with Lambda's START, END and REPORT lines. Its memory is bounded. */
export class LogTail {
  readonly #requestId: string;
  #text: string;

  constructor(requestId: string) {
    this.#requestId = requestId;
    this.#text = `START RequestId: ${requestId} Version: $LATEST\n`;
  }

  add(line: string): void {
    const text = `${this.#text}${line}\n`;
    // The text is cut only now and then, not for every line. A character is at least one byte, so enough text is kept.
    this.#text = text.length > 4 * tailBytes ? text.slice(-tailBytes) : text;
  }

  /** The last 4 KB of the log, with the closing lines. Durations are in milliseconds, sizes in megabytes. */
  finish(report: { durationMs: number; initMs?: number; memoryMegabytes: number; usedMegabytes: number }): string {
    const { durationMs, initMs, memoryMegabytes, usedMegabytes } = report;
    const fields = [
      `REPORT RequestId: ${this.#requestId}`,
      `Duration: ${durationMs.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(durationMs)} ms`,
      `Memory Size: ${memoryMegabytes} MB`,
      `Max Memory Used: ${usedMegabytes} MB`,
      ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ];
    const text = `${this.#text}END RequestId: ${this.#requestId}\n${fields.join('\t')}\n`;
    const bytes = Buffer.from(text);
    return bytes.length <= tailBytes ? text : bytes.subarray(-tailBytes).toString();
  }
}
