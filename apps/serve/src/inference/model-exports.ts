/** Models exported for browsers. */
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { forkProgram } from './fork-program.js';

/** Options of the process that exports: its one argument, as JSON. */
export interface ExportProcessOptions {
  /** Folder of the model: a run, a checkpoint or an export. */
  readonly model: string;
  /** Folder to write. */
  readonly folder: string;
}

/** Message of that process, if it fails. */
export interface ExportFailure {
  readonly message: string;
}

/** Folders from which browsers run the models. */
export interface ModelExports {
  /**
   * Returns the folder of a model; exports it when it is asked for first, which takes some seconds.
   *
   * @throws Error if the model cannot be exported
   */
  folderOf(name: string): Promise<string>;
  /** Ends exports that have not ended, and removes all folders. */
  close(): Promise<void>;
}

/**
 * Exports models into a temporary folder, on demand.
 *
 * @param models folders by name
 */
export function createModelExports(models: ReadonlyMap<string, string>): ModelExports {
  const folders = new Map<string, Promise<string>>();
  const running = new Set<ChildProcess>();
  let root: string | undefined;

  const exportOne = async (name: string): Promise<string> => {
    root ??= mkdtempSync(join(tmpdir(), 'transfusion-exports-'));
    // Names may have characters that paths may not.
    const folder = join(root, String(folders.size));
    const options: ExportProcessOptions = { model: models.get(name)!, folder };
    const child = forkProgram('export-process', options);
    running.add(child);
    let problem: string | undefined;
    child.once('message', (failure: ExportFailure) => (problem = failure.message));
    try {
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (code !== 0) problem ??= `its process ended with ${signal ?? `code ${code}`}`;
    } finally {
      running.delete(child);
    }
    if (problem === undefined) return folder;
    throw new Error(`The model '${name}' cannot be exported for browsers: ${problem}`);
  };

  return {
    folderOf: (name) => {
      let folder = folders.get(name);
      if (folder === undefined) folders.set(name, (folder = exportOne(name)));
      // Tried again by the next who asks: memory or disk may be free then.
      folder.catch(() => folders.delete(name));
      return folder;
    },
    close: async () => {
      for (const child of running) child.kill('SIGKILL');
      await Promise.allSettled(folders.values());
      if (root !== undefined) await rm(root, { recursive: true, force: true });
    },
  };
}
