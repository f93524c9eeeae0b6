/** The fields of a form below a name: `Entries.member.1.Id=a` as `{ Entries: { member: { 1: { Id: 'a' } } } }`. */
export type Tree = { [name: string]: Tree | string };

export function readForm(form: URLSearchParams): Tree {
  const tree: Tree = Object.create(null);
  for (const [name, value] of form) {
    const path = name.split('.');
    let branch = tree;
    for (const step of path.slice(0, -1)) {
      if (typeof branch[step] !== 'object') branch[step] = Object.create(null);
      branch = branch[step] as Tree;
    }
    branch[path.at(-1) ?? ''] = value;
  }
  return tree;
}

/** The text of a field; undefined where there is none. */
export function textOf(tree: Tree, name: string): string | undefined {
  const value = tree[name];
  return typeof value === 'string' ? value : undefined;
}

/** The items of a list, `<name>.member.N` or `<name>.entry.N`, in the order of their numbers. */
export function itemsOf(tree: Tree, name: string): Tree[] {
  const list = tree[name];
  const items = typeof list === 'object' ? (list.member ?? list.entry ?? {}) : {};
  if (typeof items !== 'object') return [];
  const numbers = Object.keys(items).sort((a, b) => Number(a) - Number(b));
  return numbers.flatMap((number) => {
    const item = items[number];
    return typeof item === 'object' ? [item] : [];
  });
}
