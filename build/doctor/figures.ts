const DAY = 86_400;

/** `14 days (1209600 s)`: first for people, then as in the template. */
export function days(seconds: number): string {
  const count = Math.round((seconds / DAY) * 100) / 100;
  return `${count} ${count === 1 ? 'day' : 'days'} (${seconds} s)`;
}

/** `10,000` */
export const grouped = (count: number): string => count.toLocaleString('en-US');
