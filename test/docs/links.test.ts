import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** What a reader of the repository finds: files that git knows, or would know. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((path) => ({ path, folder: dirname(path) }));
const PATHS = new Set(FILES.map(({ path }) => path));
const FOLDERS = new Set(FILES.flatMap(({ folder }) => foldersAbove(folder)));
const PAGES = [...PATHS].filter((path) => path.endsWith('.md'));

/** Files that name a page to somebody who reads a message, an alarm or a comment. */
const NAMES_PAGES = /^(build|demo|infra|localstack|operator|schemas|src|\.ci)\/|^(serverless\.yml|\.env\.sample)$/;
const IN_A_FOLDER_OF_OURS = /^(bench|build|demo|docs|events|infra|localstack|operator|schemas|src|test)\//;
const IS_SOURCE = /\w\.(ts|js|cjs|yml|md)$/;
/** Files of the example, which a reader makes. */
const EXAMPLE = /\bgreet\b/;

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const broken = linksOf(read(page)).filter((link) => !resolves(page, link));
  expect(broken).toEqual([]);
});

test.each(PAGES)('every file and folder that %s names is there', (page) => {
  const named = [...prose(read(page)).matchAll(/`([\w.-]+(?:\/[\w.-]*)*)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => (IN_A_FOLDER_OF_OURS.test(path) || IS_SOURCE.test(path)) && !EXAMPLE.test(path));
  expect(named.filter((path) => !exists(path) && !isEndOfAPath(path))).toEqual([]);
});

test('every page that code names is there', () => {
  const files = [...PATHS].filter((path) => NAMES_PAGES.test(path) && !path.endsWith('.md'));
  const named = files.flatMap((file) => pagesIn(read(file)).map((page) => ({ file, page })));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ page }) => !PATHS.has(page.split('#')[0] ?? '') || !resolves('README.md', page))).toEqual([]);
});

test('every page that the packaged service names is there', () => {
  const named = pagesIn(read('.sluice/test/cloudformation-template-update-stack.json'));
  expect(named).toContain('docs/runbooks/dead-letters.md');
  expect(named.filter((page) => !resolves('README.md', page))).toEqual([]);
});

test('every page can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    const pages = linksOf(read(page)).map((link) => normalize(join(dirname(page), link.split('#')[0] ?? '')));
    for (const next of pages) if (next.endsWith('.md') && PATHS.has(next)) reached.add(next);
  }
  expect(PAGES.filter((page) => !reached.has(page))).toEqual([]);
});

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

function foldersAbove(folder: string): string[] {
  return folder === '.' ? ['.'] : [folder, ...foldersAbove(dirname(folder))];
}

function exists(path: string): boolean {
  return PATHS.has(path) || FOLDERS.has(path.replace(/\/$/, ''));
}

/** Pages about a folder leave its name out. */
function isEndOfAPath(name: string): boolean {
  return (
    IS_SOURCE.test(name) && !IN_A_FOLDER_OF_OURS.test(name) && [...PATHS].some((path) => path.endsWith(`/${name}`))
  );
}

/** Paths of pages in a file's text, such as `docs/doctor.md`; what is put together at run time is not seen. */
function pagesIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w./-])(?:[\w-]+\/)+[\w-]+\.md(?:#[\w-]+)?/g)].map(([page]) => page);
}

/** Without blocks of code and comments, where a link is none. */
function prose(page: string): string {
  return page.replaceAll(/^ *```.*?^ *```$/gms, '').replaceAll(/<!--.*?-->/gs, '');
}

function linksOf(page: string): string[] {
  const text = prose(page).replaceAll(/`[^`]*`/g, '``');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

function resolves(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!exists(target)) return false;
  return anchor === undefined || (target.endsWith('.md') && anchorsOf(read(target)).has(anchor));
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) => {
      const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const slug = text
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}
