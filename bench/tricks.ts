import { parseArgs } from 'node:util';
import { print } from './print.ts';
import { machine } from './results.ts';
import { Savings } from './tricks/savings.ts';
import { measureStarts } from './tricks/starts.ts';
import { type Saves, TRICKS } from './tricks/undone.ts';
import { measureWork } from './tricks/work.ts';

const USAGE = `Measures what each trick of the service saves: the service beside itself without the trick.

  node bench/tricks.ts [options]

  --only TEXT       tricks whose name holds it; may be given several times
  --processes N     processes that compare the work per record, for each trick (default 12)
  --starts N        cold starts of each (default 150)
  --list            names the tricks
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [''] },
      processes: { type: 'string', default: '12' },
      starts: { type: 'string', default: '150' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const tricks = Object.keys(TRICKS).filter((name) => values.only.some((text) => name.includes(text)));
  if (values.help) return console.log(USAGE);
  if (values.list) return console.log(tricks.join('\n'));
  console.log(machine());
  const saving = (what: Saves) => tricks.filter((name) => TRICKS[name]?.saves.includes(what));
  const say = (line: string) => console.error(`  ${line}`);
  const savings = new Savings();
  await measureWork(saving('work'), { repeats: Number(values.processes), say }, savings);
  await measureStarts(saving('start'), { repeats: Number(values.starts), say }, savings);
  const { head, rows } = savings.table();
  print(head, rows);
}

await main();
