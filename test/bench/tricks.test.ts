import { existsSync } from 'node:fs';
import { bundleChanged } from '../../bench/bundle.ts';
import { TRICKS } from '../../bench/tricks/undone.ts';

test('every trick can still be undone, so that what it saves can be measured again', async () => {
  const files = await bundleChanged(
    Object.values(TRICKS).map(({ without }) => without),
    'stub',
  );
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  // Each is a bundle of its own.
}, 120_000);
