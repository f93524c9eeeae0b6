import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { REASON_ATTRIBUTE } from '../../../src/queues/reason.ts';
import { bodyText } from '../../output/body.ts';
import { oneLine } from '../../output/printable.ts';
import type { Styles } from '../../output/style.ts';
import { ago, moment } from '../../output/times.ts';
import { indented } from '../../output/wrap.ts';
import type { Diagnosis, Known } from '../diagnosis/diagnose.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { diedAt, jobIdOf, typeOf } from '../reading/letter-facts.ts';

const LABEL_WIDTH = 18;

export interface ShownLetter {
  readonly queue: string;
  readonly letter: DeadLetter;
  readonly diagnosis: Diagnosis;
  readonly known: Known;
}

/** Everything about one letter, for people. */
export function letterText({ queue, letter, diagnosis, known }: ShownLetter, styles: Styles, now: number): string {
  const { reason, system } = letter;
  const lines: [string, string | undefined][] = [
    ['queue', queue],
    ['message id', letter.messageId],
    ['original id', reason?.messageId],
    ['job', jobIdOf(letter) ?? (known.job.problem === undefined ? known.job.key : undefined)],
    ['type', typeOf(letter) ?? (known.job.problem === undefined ? known.job.type : undefined)],
    ['group', system.MessageGroupId],
    ['blocks', reason?.blocks ? 'its group waits for a decision: `npx sluice dlq decide`' : undefined],
    ['error', `${diagnosis.errorClass}${diagnosis.recorded ? '' : ' (concluded, not recorded)'}`],
    ['', diagnosis.message],
    ['fingerprint', diagnosis.fingerprint],
    ['kind', reason?.kind],
    ['attempts', reason && String(reason.attempts)],
    ['first failed', reason?.firstFailedAt],
    ['died', `${moment(diedAt(letter))} (${ago(diedAt(letter), now)})`],
    ['function', reason && `${reason.functionName}, version ${reason.functionVersion}`],
    ['sent', system.SentTimestamp && moment(Number(system.SentTimestamp))],
    ['receives', system.ApproximateReceiveCount && `${system.ApproximateReceiveCount}, this look included`],
    ['ledger', ledgerText(known)],
    ['today', known.job.problem === undefined ? "passes today's schema" : `would fail: ${known.job.problem}`],
  ];
  const shown = lines.filter((line): line is [string, string] => line[1] !== undefined && line[1] !== '');
  return [
    ...shown.map(
      ([label, value]) => `${styles.faint(label.padEnd(LABEL_WIDTH))}${indented(oneLine(value), LABEL_WIDTH, 'cut')}`,
    ),
    ...attributeLines(letter.attributes, styles),
    styles.faint('body'),
    bodyText(letter.body),
  ].join('\n');
}

function ledgerText({ job, record, unreadable }: Known): string {
  if (unreadable !== undefined) return `could not be read: ${unreadable}`;
  if (job.problem !== undefined) return 'not asked: there is no job to ask about';
  if (!record) return `nothing under ${job.key}`;
  const same = record.fingerprint === job.fingerprint ? '' : ', of another payload';
  const lease = record.leaseUntil > 0 ? `, lease until ${moment(record.leaseUntil)}` : '';
  const expires = Number.isFinite(record.ttl) ? `, expires ${moment(record.ttl * 1000)}` : '';
  const handOver = record.handOver === undefined ? '' : ', its hand-over not known to be sent';
  return `${record.status}${same}${handOver}, fencing token ${record.fencingToken}${lease}${expires}`;
}

function attributeLines(attributes: DeadLetter['attributes'], styles: Styles): string[] {
  const others = Object.entries(attributes).filter(([name]) => name !== REASON_ATTRIBUTE);
  if (others.length === 0) return [];
  return [
    styles.faint('attributes'),
    ...others.map(
      ([name, value]) => `  ${indented(oneLine(`${name} (${value.DataType}): ${valueText(value)}`), 4, 'cut')}`,
    ),
  ];
}

function valueText({ StringValue, BinaryValue }: MessageAttributeValue): string {
  return BinaryValue ? `${Buffer.from(BinaryValue).toString('base64')} (base64)` : (StringValue ?? '');
}
