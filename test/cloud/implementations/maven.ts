import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER } from './server.ts';

/**
 * Fetches the jars that `<name>.xml` names, and theirs, from Maven Central into a folder of their own, unless they are
 * there. Maven checks each against its checksum.
 *
 * @returns that folder, and the version of the first dependency
 * @throws Error that says what is missing
 */
export function installJars(name: string): { jars: string; version: string } {
  const pom = join(import.meta.dirname, `${name}.xml`);
  const wanted = readFileSync(pom, 'utf8');
  const version = [...wanted.matchAll(/<version>(.+)<\/version>/g)].at(-1)?.[1] as string;
  const jars = join(FOLDER, name);
  const installed = join(jars, 'installed.xml');
  check('java', ['-version'], 'no Java (Debian: apt-get install default-jre-headless)');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return { jars, version };
  check('mvn', ['-version'], 'no Maven (Debian: apt-get install maven)');
  rmSync(jars, { recursive: true, force: true });
  mkdirSync(jars, { recursive: true });
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
  check(
    'mvn',
    ['--quiet', '--batch-mode', '--strict-checksums', '--file', pom, ...goal],
    `Maven could not fetch ${name} ${version}`,
  );
  writeFileSync(installed, wanted);
  return { jars, version };
}

function check(command: string, args: string[], complaint: string): void {
  try {
    execFileSync(command, args, { stdio: 'pipe', timeout: 300_000 });
  } catch (error) {
    const { stdout = '' } = error as { stdout?: Buffer | string };
    const line = /\[ERROR\] (.*)/.exec(String(stdout))?.[1];
    throw new Error(line ? `${complaint}: ${line}` : complaint);
  }
}
