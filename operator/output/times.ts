const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A duration in its two largest units: `3 d 4 h`, `12 min`, `0 s`. Pure. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  if (first === -1) return '0 s';
  const parts = [];
  let rest = seconds;
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.join(' ');
}

/** How long ago something was. Pure. */
export const ago = (at: number, now: number): string => `${duration(now - at)} ago`;

/** A moment in UTC to the second, `2026-01-31 03:04:05Z`, from milliseconds since the epoch. Pure and total. */
export function moment(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'at no known time' : `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
