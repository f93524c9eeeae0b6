import Table from 'cli-table3';
import type { Target } from './figures/figure.ts';
import type { Measurement } from './results.ts';

export function printFinding(measurement: Measurement | undefined): void {
  if (!measurement) return;
  const { title, tables, notes = [] } = measurement.finding;
  console.log(`\n${title}, in ${measurement.seconds} s`);
  for (const { head, rows } of tables) print(head, rows);
  for (const note of notes) console.log(note);
  if (measurement.error) console.log(`It ended early: ${measurement.error}`);
}

export function printTargets(targets: readonly Target[]): void {
  if (targets.length === 0) return;
  console.log('\nTargets');
  print(
    ['figure', 'target', 'measured', 'met'],
    targets.map(({ figure, target, measured, met }) => [figure, target, measured, met ? 'yes' : 'NO']),
  );
}

export function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  console.log(table.toString());
}
