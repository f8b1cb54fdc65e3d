/** Models exported for browsers. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
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
  /** True if the model is at fault: it would fail again. */
  readonly isOfModel: boolean;
}

/** A model that cannot be exported. The message is for clients if the model is at fault. */
export class ExportError extends Error {
  override readonly name = 'ExportError';

  constructor(
    message: string,
    readonly isOfModel: boolean,
  ) {
    super(message);
  }
}

/** Folders from which browsers run the models. */
export interface ModelExports {
  /**
   * Returns the folder of a model; exports it when it is asked for first, which takes some seconds.
   *
   * @throws ExportError
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
  let isClosed = false;
  const remove = (): void => {
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
  };

  const exportOne = async (name: string): Promise<string> => {
    if (isClosed) throw new ExportError(`The model '${name}' is not exported: the server ends.`, false);
    if (root === undefined) {
      root = mkdtempSync(join(tmpdir(), 'transfusion-exports-'));
      // Also if the process ends without `close`, by a second Ctrl-C.
      process.once('exit', remove);
    }
    // Not by their names, which may have characters that paths may not.
    const folder = mkdtempSync(join(root, 'model-'));
    const options: ExportProcessOptions = { model: models.get(name)!, folder };
    const child = forkProgram('export-process', options);
    running.add(child);
    let failure: ExportFailure | undefined;
    child.once('message', (message: ExportFailure) => (failure = message));
    try {
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (code === 0) return folder;
      const { message, isOfModel } = failure ?? {
        message: `its process ended with ${signal ?? `code ${code}`}`,
        isOfModel: false,
      };
      throw new ExportError(`The model '${name}' cannot be exported for browsers: ${message}`, isOfModel);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    } finally {
      running.delete(child);
    }
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
      isClosed = true;
      for (const child of running) child.kill('SIGKILL');
      await Promise.allSettled(folders.values());
      remove();
      process.off('exit', remove);
    },
  };
}
