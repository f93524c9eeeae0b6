/** When each job ends if `concurrency` workers take the jobs in order and nothing else takes time; milliseconds. */
export function listSchedule(times: readonly number[], concurrency: number): number[] {
  const free = new Array<number>(Math.min(concurrency, Math.max(1, times.length))).fill(0);
  return times.map((time) => {
    const earliest = free.indexOf(Math.min(...free));
    const end = (free[earliest] as number) + time;
    free[earliest] = end;
    return end;
  });
}

/**
 * When a table takes the last of some writes; milliseconds. The table has `rate` units a second, and a bucket of one
 * second's worth. Each write is requested at the given moment, and waits exactly as long as it must.
 */
export function lastWritten(moments: readonly number[], rate: number): number {
  let units = rate;
  let at = 0;
  for (const moment of [...moments].sort((a, b) => a - b)) {
    const now = Math.max(at, moment);
    units = Math.min(rate, units + ((now - at) * rate) / 1_000);
    at = now;
    if (units < 1) {
      at += ((1 - units) * 1_000) / rate;
      units = 1;
    }
    units -= 1;
  }
  return at;
}
