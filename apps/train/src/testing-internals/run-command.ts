import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runProgram } from '../program.js';

/** Runs a command in this process and returns the lines that it prints. */
export async function runCommand(...args: readonly string[]): Promise<string[]> {
  const printed: string[] = [];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text)),
    vi.spyOn(process.stdout, 'write').mockReturnValue(true),
    vi.spyOn(process.stderr, 'write').mockReturnValue(true),
  ];
  try {
    await runProgram(args);
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
  return printed;
}

/** Returns the path of a recipe file of this folder. */
export function recipePath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
