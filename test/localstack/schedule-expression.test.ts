import { Cron } from 'croner';
import { readSchedule, ScheduleError } from '../../localstack/schedules/expression.ts';

const next = (expression: string, after: string) => {
  const timing = readSchedule(expression);
  if (!('pattern' in timing)) throw new Error(`${expression} is no cron`);
  return new Cron(timing.pattern, { timezone: 'UTC' }).nextRun(new Date(after))?.toISOString();
};

describe('schedule expressions', () => {
  test.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(30 days)', 2_592_000_000],
  ])('%s fires every %i ms', (expression, everyMs) => {
    expect(readSchedule(expression)).toEqual({ everyMs });
  });

  // 2026-01-01 is a Thursday.
  test.each([
    ['cron(0 0,6,12,18 * * ? *)', '2026-01-01T07:00:00Z', '2026-01-01T12:00:00.000Z'],
    ['cron(15 10 ? * MON-FRI *)', '2026-01-02T11:00:00Z', '2026-01-05T10:15:00.000Z'],
    ['cron(0 8 ? * 1 *)', '2026-01-01T00:00:00Z', '2026-01-04T08:00:00.000Z'],
    ['cron(0 8 ? * 2-6 *)', '2026-01-03T00:00:00Z', '2026-01-05T08:00:00.000Z'],
    ['cron(0 8 1 * ? *)', '2026-01-02T00:00:00Z', '2026-02-01T08:00:00.000Z'],
    ['cron(0 8 L * ? *)', '2026-02-02T00:00:00Z', '2026-02-28T08:00:00.000Z'],
    ['cron(0 9 ? * 2#1 *)', '2026-01-01T00:00:00Z', '2026-01-05T09:00:00.000Z'],
    ['cron(0 9 ? * 6L *)', '2026-01-01T00:00:00Z', '2026-01-30T09:00:00.000Z'],
    ['cron(5/20 * * * ? *)', '2026-01-01T00:06:00Z', '2026-01-01T00:25:00.000Z'],
    ['cron(0/10 * * * ? *)', '2026-01-01T00:05:00Z', '2026-01-01T00:10:00.000Z'],
    ['cron(0 0 1 1 ? 2028)', '2026-01-01T00:00:00Z', '2028-01-01T00:00:00.000Z'],
  ])('%s after %s fires at %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  test('at() fires once, in UTC', () => {
    expect(readSchedule('at(2026-01-31T12:00:00)')).toEqual({ at: new Date('2026-01-31T12:00:00Z') });
  });

  test.each([
    'rate(1 minutes)',
    'rate(2 minute)',
    'rate(0 minutes)',
    'rate(5 seconds)',
    'cron(* * * * *)',
    'cron(0 0 * * * *)',
    'cron(0 0 ? * ? *)',
    'at(soon)',
    'daily',
  ])('%s is refused', (expression) => {
    expect(() => readSchedule(expression)).toThrow(ScheduleError);
  });
});
