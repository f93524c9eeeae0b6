const DAY = 86_400;

/** `14 days (1209600 s)`: as people say it, and as the template has it. */
export function days(seconds: number): string {
  const count = Math.round((seconds / DAY) * 100) / 100;
  return `${count} ${count === 1 ? 'day' : 'days'} (${seconds} s)`;
}

/** `10,000` */
export const grouped = (count: number): string => count.toLocaleString('en-US');
