/** A schedule that EventBridge would refuse. */
export class ScheduleError extends Error {
  override name = 'ScheduleError';
}

/** When a schedule fires: at an interval in milliseconds, by a pattern of croner (in UTC by default), or once. */
export type Timing = { everyMs: number } | { pattern: string } | { at: Date };

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `rate(5 minutes)`, `cron(0 18 ? * MON-FRI *)` and `at(2026-01-31T12:00:00)` [scheduled-events, schedule-types].
 * @throws {ScheduleError} that says what is wrong
 */
export function readSchedule(expression: string): Timing {
  const [, kind, content = ''] = /^\s*(rate|cron|at)\((.*)\)\s*$/.exec(expression) ?? [];
  if (kind === 'rate') return readRate(expression, content);
  if (kind === 'cron') return { pattern: cronPattern(expression, content) };
  if (kind === 'at') return readAt(expression, content);
  throw new ScheduleError(
    `${expression} is no schedule: rate(5 minutes), cron(0 18 ? * MON-FRI *) and at(2026-01-31T12:00:00) are.`,
  );
}

function readRate(expression: string, content: string): Timing {
  const [, count, unit = '', plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(content.trim()) ?? [];
  const value = Number(count);
  if (!(value >= 1))
    throw new ScheduleError(`${expression}: a rate is a number of minutes, hours or days, such as rate(5 minutes).`);
  if ((value === 1) === (plural === 's')) {
    throw new ScheduleError(`${expression}: EventBridge wants rate(1 ${unit}) but rate(2 ${unit}s).`);
  }
  return { everyMs: value * (UNIT_MS[unit] ?? 0) };
}

function readAt(expression: string, content: string): Timing {
  const at = new Date(`${content.trim()}Z`);
  if (Number.isNaN(at.getTime())) throw new ScheduleError(`${expression}: at() wants yyyy-mm-ddThh:mm:ss.`);
  return { at };
}

/**
 * AWS has minutes, hours, day-of-month, month, day-of-week, year. croner has seconds first, and days of the week from
 * 0.
 */
function cronPattern(expression: string, content: string): string {
  const fields = content.trim().split(/\s+/);
  if (fields.length !== 6) throw new ScheduleError(`${expression}: cron() has 6 fields, not ${fields.length}.`);
  const [minute, hour, dayOfMonth, month, dayOfWeek = '', year] = fields;
  const days = [dayOfMonth, dayOfWeek].filter((field) => field === '?').length;
  if (days === 0) throw new ScheduleError(`${expression}: one of day-of-month and day-of-week must be ?.`);
  if (dayOfMonth === '?' && dayOfWeek === '?') throw new ScheduleError(`${expression}: only one day field may be ?.`);
  const parts = [
    '0',
    steps(minute, 59),
    steps(hour, 23),
    steps(dayOfMonth?.replace('?', '*'), 31),
    steps(month, 12),
    weekdays(dayOfWeek),
    steps(year, LAST_YEAR),
  ];
  return parts.join(' ');
}

/** The last year that EventBridge takes. */
const LAST_YEAR = 2199;

/** For AWS `5/10` means from 5 to the end. croner needs the end in the text. */
const steps = (field = '*', end: number) => field.replace(/(^|,)(\d+)\//g, `$1$2-${end}/`);

/** SUN is 1 for AWS and 0 for croner. `6L` is the last Friday, `6#2` the second. */
function weekdays(field: string): string {
  if (field === '?' || field === '*') return '*';
  if (field === 'L') return '6';
  // A number after / or # is a step or an occurrence, not a day.
  const days = steps(field, 7).replace(
    /(^|[,-])(\d)/g,
    (_, before: string, day: string) => `${before}${Number(day) - 1}`,
  );
  return days.replace(/(\d)L/g, '$1#L');
}
