import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON, VERSION } from './implementations/ministack.ts';
import { ROOT } from './implementations/server.ts';

interface Service {
  profiles: string[];
  image: string;
  ports: string[];
  volumes: string[];
}

const FILE = join(ROOT, 'localstack/compose.yml');

/** With the YAML parser that MiniStack brings along; there may be no Docker here to ask. */
function readCompose(): { services: Record<string, Service> } {
  const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';
  return JSON.parse(execFileSync(PYTHON, ['-c', program], { input: readFileSync(FILE), encoding: 'utf8' }));
}

test('localstack/compose.yml offers one cloud a profile, each pinned and on the loopback port 4566 only', () => {
  const { services } = readCompose();
  expect(Object.keys(services)).toEqual(['localstack', 'floci', 'ministack']);
  for (const [name, { profiles, image, ports }] of Object.entries(services)) {
    expect(profiles).toEqual([name]);
    expect(image).toMatch(/^[\w-]+\/[\w-]+:\d+\.\d+\.\d+(-compat)?$/);
    expect(ports).toEqual(['127.0.0.1:4566:4566']);
  }
});

test('localstack/compose.yml runs the MiniStack that this suite ran against, and mounts what exists', () => {
  const { image, volumes } = readCompose().services.ministack as Service;
  expect(image).toBe(`ministackorg/ministack:${VERSION}`);
  const [file = ''] = volumes.map((volume) => volume.split(':')[0]);
  expect(existsSync(join(ROOT, 'localstack', file))).toBe(true);
});
