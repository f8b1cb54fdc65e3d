/** The demos' output: what the terminal can show, in color if it can. */
import { styleText } from 'node:util';

export interface Terminal {
  write(text: string): void;
  /** True if a line can be overwritten. */
  readonly isInteractive: boolean;
  readonly columns: number;
  readonly hasColors: boolean;
}

export type Style = Parameters<typeof styleText>[0];

const WIDEST = 100;

export function standardOutput(): Terminal {
  const { stdout, env } = process;
  return {
    write: (text) => void stdout.write(text),
    isInteractive: stdout.isTTY,
    columns: Math.min(stdout.columns ?? WIDEST, WIDEST),
    hasColors: stdout.isTTY && !env['NO_COLOR'],
  };
}

/** A terminal that nobody reads. */
export function silence(): Terminal {
  return { write: () => {}, isInteractive: false, columns: WIDEST, hasColors: false };
}

export function paint(terminal: Terminal, style: Style, text: string): string {
  return terminal.hasColors ? styleText(style, text) : text;
}

export function printHeading(terminal: Terminal, text: string): void {
  terminal.write(`\n${paint(terminal, 'bold', text)}\n`);
}

/** Indented by two columns, which the headings are not. */
export function printLines(terminal: Terminal, lines: readonly string[], style?: Style): void {
  for (const line of lines) {
    const text = style === undefined || line === '' ? line : paint(terminal, style, line);
    terminal.write(line === '' ? '\n' : `  ${text}\n`);
  }
}

/** Breaks at spaces, so that it fits when printed by {@link printLines}. */
export function wrap(terminal: Terminal, text: string): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line.length + word.length + 3 > terminal.columns) {
        lines.push(line);
        line = '';
      }
      line += line === '' ? word : ` ${word}`;
    }
    lines.push(line);
  }
  return lines;
}
