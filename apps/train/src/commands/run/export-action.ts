import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { findCheckpoint } from '@transfusion/runs';
import { exportCheckpoint } from '@transfusion/trainer';
import { resolveRunFolder } from '../../load-run.js';
import { readRunNote, writeRunNote } from '../../run-note.js';
import { noteNewFolder } from '../../write-and-print.js';

interface ExportOptions {
  readonly out: string;
  readonly dtype: 'float16' | 'float32';
}

/** Runs `transfusion export`. */
export async function exportAction(run: string, { out, dtype }: ExportOptions): Promise<void> {
  if (existsSync(out)) {
    throw new TransfusionError(
      'invalid-argument',
      `export: ${out} already exists. Choose a new folder for --out.`,
    );
  }
  const folder = await resolveRunFolder(run);
  const checkpoint = await findCheckpoint(folder);
  const recipeReference = readRunNote(folder);
  noteNewFolder(dirname(out));
  await exportCheckpoint(checkpoint, out, dtype);
  if (recipeReference !== undefined) writeRunNote(out, recipeReference);
  console.log(out);
}
