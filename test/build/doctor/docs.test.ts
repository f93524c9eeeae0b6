import { readFileSync } from 'node:fs';
import { rules } from '../../../build/doctor/rules.ts';

const rows = [...readFileSync('docs/doctor.md', 'utf8').matchAll(/^\| `([a-z-]+)` \| (error|warning) \|/gm)];

test('docs/doctor.md lists every rule with its level, and no other', () => {
  expect(rows.map(([, id, level]) => `${id} ${level}`)).toEqual(rules.map(({ id, level }) => `${id} ${level}`));
});

test('no two rules have the same id', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});
