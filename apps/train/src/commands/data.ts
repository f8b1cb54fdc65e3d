import { checkSource, type DocumentSource, type MixturePart, type SourceReport } from '@transfusion/data';
import { createModalityRegistry, type ModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { Command } from 'commander';
import { builtInRecipes } from '../built-in-recipes.js';
import { openDataFiles } from '../data-files.js';
import { startEngine } from '../engine.js';
import { wholeNumber } from '../option-values.js';
import { isRecipeFile, openRecipe } from '../recipe-reference.js';
import { trainableSource } from '../trainable-source.js';

interface DataCheckOptions {
  readonly limit?: number;
  readonly data?: string;
  readonly examples: number;
  readonly json?: boolean;
}

interface NamedSource {
  readonly name: string;
  readonly source: DocumentSource;
  /** How many spans were read of each group. */
  readonly spans: Map<string, number>;
}

type NamedReport = SourceReport & {
  readonly source: string;
  readonly spans: Readonly<Record<string, number>>;
};

/** `transfusion data` */
export function dataCommand(): Command {
  const check = new Command('check')
    .description(
      'Reads the records of a data set and says which cannot be used, and why. Those of a recipe must fit into its batches, too.',
    )
    .argument('<recipe or path>', 'a recipe, a folder of images, or a .tar, .jsonl or text file')
    .option('--limit <number>', 'only so many records of each source', wholeNumber(1))
    .option('--data <file>', 'that of the recipe, if it needs one')
    .option(
      '--examples <number>',
      'how many records to name of each kind that cannot be used',
      wholeNumber(0),
      3,
    )
    .option('--json', 'the report as JSON')
    .action(checkDataAction);
  return new Command('data').description('Looks at data.').addCommand(check);
}

async function checkDataAction(
  target: string,
  { limit, data, examples, json = false }: DataCheckOptions,
  command: Command,
): Promise<void> {
  const { modalities, sources } = await openSources(target, data, command);
  const reports: NamedReport[] = [];
  for (const { name, source, spans } of sources) {
    const checked = await checkSource(source, {
      modalities,
      limit,
      examplesPerReason: examples,
      onProgress: json ? undefined : showProgress,
    });
    if (process.stdout.isTTY && !json) process.stdout.write('\r\u001b[K');
    const report = { source: name, ...checked, spans: Object.fromEntries(spans) };
    reports.push(report);
    if (!json) printReport(report);
  }
  if (json) console.log(JSON.stringify(reports, undefined, 2));
  if (reports.some(({ documents }) => documents === 0)) process.exitCode = 1;
}

async function openSources(
  target: string,
  data: string | undefined,
  command: Command,
): Promise<{ modalities: ModalityRegistry; sources: readonly NamedSource[] }> {
  if (!isRecipeFile(target) && !builtInRecipes.has(target)) {
    const source = await openDataFiles(target);
    return {
      modalities: createModalityRegistry(text(), image()),
      sources: [{ name: source.name, source, spans: new Map() }],
    };
  }
  // As in training: codecs may compute.
  await startEngine(command);
  const recipe = await openRecipe({ recipe: target, data });
  const named = (part: MixturePart, note = ''): NamedSource => {
    const spans = new Map<string, number>();
    const count = (group: string): void => void spans.set(group, (spans.get(group) ?? 0) + 1);
    return { name: `${part.source.name}${note}`, source: trainableSource(part, recipe, count), spans };
  };
  const trained = await recipe.sources();
  const evaluated = (await recipe.validation?.()) ?? [];
  return {
    modalities: recipe.modalities,
    sources: [
      ...trained.map((part) => named(part)),
      ...evaluated.map((part) => named(part, ' (validation)')),
    ],
  };
}

function showProgress(checked: number, total: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${checked} of ${total} records`);
}

function printReport({ source, documents, skipped, reasons, segments, spans }: NamedReport): void {
  const found = Object.entries(segments).map(([modality, count]) => `${count} ${modality}`);
  console.log(`${source}: ${documents} documents (${found.join(', ')}), ${skipped} records cannot be used`);
  const groups = Object.entries(spans).map(([group, count]) => `${count} ${group}`);
  if (groups.length > 0) console.log(`  spans: ${groups.join(', ')}`);
  for (const { reason, count, examples } of reasons) {
    console.log(`  ${count} × ${reason}`);
    for (const example of examples) console.log(`      ${example}`);
  }
}
