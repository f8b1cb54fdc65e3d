import { selectEngine, type EngineName, type SelectedEngine } from '@transfusion/engine';
import type { Command } from 'commander';

/** Starts the engine selected with `--engine`. */
export function startEngine(command: Command): Promise<SelectedEngine> {
  const { engine } = command.optsWithGlobals<{ engine: EngineName | 'auto' }>();
  return selectEngine(engine);
}
