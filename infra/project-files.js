import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * A job type's file.
 *
 * @typedef {object} JobFile
 * @property {string} name
 * @property {string} folder its folder in src/jobs; empty for a file that is not in a folder
 */

/**
 * The job types of a project: each file of src/jobs, and each file of a folder of src/jobs that has a schema. In order
 * of folder and name.
 *
 * @param {string} root the project's folder
 * @param {readonly string[]} schemas names of the files in schemas, without their ending
 * @returns {JobFile[]}
 */
export function jobFilesIn(root, schemas) {
  const jobs = join(root, 'src/jobs');
  const folders = readdirSync(jobs, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const inFolders = folders.flatMap(({ name: folder }) =>
    namesIn(join(jobs, folder), '.ts').flatMap((name) => (schemas.includes(name) ? [{ name, folder }] : [])),
  );
  return [...namesIn(jobs, '.ts').map((name) => ({ name, folder: '' })), ...inFolders];
}

/** @param {string} folder @param {string} ending @returns {string[]} names of its files, without their ending */
export function namesIn(folder, ending) {
  const files = readdirSync(folder).filter((file) => file.endsWith(ending));
  return files.map((file) => basename(file, ending)).sort();
}

/**
 * The files that `custom.patterns` includes.
 *
 * @param {unknown} patterns as it is written in serverless.yml: a list of `${file(...)}`
 * @returns {string[]} relative to the project's folder
 */
export function patternFiles(patterns) {
  if (!Array.isArray(patterns)) return [];
  return patterns.flatMap((each) => /^\$\{file\(([^()]+)\)\}$/.exec(String(each))?.[1] ?? []);
}
