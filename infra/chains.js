/**
 * The problems of a service's chains: queues whose declaration names the `next`. A next queue that is not declared has
 * nowhere to send to, and a chain that comes back to itself would never end: what is handed over carries no lineage by which
 * Lambda would see the loop.
 *
 * @param {Record<string, any>} declared entries of `custom.queues` and of patterns, by short name
 * @returns {string[]} where, what, and what to do
 */
export function chainProblems(declared) {
  return Object.keys(declared).flatMap((name) => problemsOf(name, declared));
}

/** @param {string} name @param {Record<string, any>} declared */
function problemsOf(name, declared) {
  const place = `custom.queues.${name}.next`;
  const next = declared[name]?.next ?? undefined;
  if (next === undefined) return [];
  if (typeof next !== 'string' || !Object.hasOwn(declared, next)) {
    const names = Object.keys(declared).join(', ');
    return [`${place} is ${JSON.stringify(next)}, and there is no such queue. Queues are: ${names}`];
  }
  if (declared[next]?.fifo) {
    return [
      `${place} is ${next}, a FIFO queue: what is handed over has no order that it could keep. Choose a standard queue`,
    ];
  }
  const circle = circleFrom(name, declared);
  // Each circle is told once, of its first queue.
  if (!circle || [...circle].sort()[0] !== name) return [];
  return [`${place}: the chain ${[...circle, name].join(' -> ')} never ends. Take "next" out of its last queue`];
}

/** @param {string} start @param {Record<string, any>} declared @returns {string[] | undefined} the queues of a circle that `start` is part of */
function circleFrom(start, declared) {
  const path = [start];
  for (let next = declared[start]?.next; next; next = declared[next]?.next) {
    if (next === start) return path;
    if (path.includes(next)) return undefined;
    path.push(next);
  }
  return undefined;
}
