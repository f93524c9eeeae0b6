import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours for one stream: none where it is no terminal, or `NO_COLOR` is set. */
export function stylesFor(stream: NodeJS.WriteStream) {
  const style = (format: Format) => (text: string) => styleText(format, text, { stream });
  return {
    heading: style('bold'),
    faint: style('dim'),
    good: style('green'),
    doubtful: style('yellow'),
    bad: style('red'),
  };
}

export type Styles = ReturnType<typeof stylesFor>;
