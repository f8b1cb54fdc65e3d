import {
  checkSource,
  openDocuments,
  type DocumentSource,
  type MixturePart,
  type SourceReport,
} from '@transfusion/data';
import type { ModalityRegistry } from '@transfusion/modality';
import type { Command } from 'commander';
import { dataModalities } from '../../composition/data-modalities.js';
import { isRecipe, openRecipe } from '../../composition/open-recipe.js';
import { startEngine } from '../../engine.js';
import type { LoadRunOptions } from '../../load-run.js';
import { withTrainingChecks } from './with-training-checks.js';

interface DataCheckOptions extends LoadRunOptions {
  readonly limit?: number;
  readonly examples: number;
  readonly json?: boolean;
}

interface NamedSource {
  readonly name: string;
  readonly source: DocumentSource;
  /** Number of spans in each group. */
  readonly spans: Map<string, number>;
}

type NamedReport = SourceReport & {
  readonly source: string;
  readonly spans: Readonly<Record<string, number>>;
};

/** Runs `transfusion data check`. */
export async function checkDataAction(
  target: string,
  { limit, examples, json = false, ...recipeOptions }: DataCheckOptions,
  command: Command,
): Promise<void> {
  const { modalities, sources } = await openSources(target, recipeOptions, command);
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
  { recipe: name, data }: LoadRunOptions,
  command: Command,
): Promise<{ modalities: ModalityRegistry; sources: readonly NamedSource[] }> {
  if (!isRecipe(target)) {
    const modalities =
      name === undefined ? dataModalities : (await openRecipe({ recipe: name, data })).modalities;
    const source = await openDocuments(target, modalities);
    return { modalities, sources: [{ name: source.name, source, spans: new Map() }] };
  }
  // Codecs may compute, as in training.
  await startEngine(command);
  const recipe = await openRecipe({ recipe: target, data });
  const toNamedSource = (part: MixturePart, note = ''): NamedSource => {
    const spans = new Map<string, number>();
    const count = (group: string): void => void spans.set(group, (spans.get(group) ?? 0) + 1);
    return { name: `${part.source.name}${note}`, source: withTrainingChecks(part, recipe, count), spans };
  };
  const trainingParts = await recipe.sources();
  const validationParts = (await recipe.validation?.()) ?? [];
  return {
    modalities: recipe.modalities,
    sources: [
      ...trainingParts.map((part) => toNamedSource(part)),
      ...validationParts.map((part) => toNamedSource(part, ' (validation)')),
    ],
  };
}

function showProgress(checked: number, total: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${checked} of ${total} records`);
}

function printReport({ source, documents, skipped, reasons, segments, spans }: NamedReport): void {
  const counts = Object.entries(segments).map(([modality, count]) => `${count} ${modality}`);
  console.log(`${source}: ${documents} documents (${counts.join(', ')}), ${skipped} records cannot be used`);
  const groups = Object.entries(spans).map(([group, count]) => `${count} ${group}`);
  if (groups.length > 0) console.log(`  spans: ${groups.join(', ')}`);
  for (const { reason, count, examples } of reasons) {
    console.log(`  ${count} × ${reason}`);
    for (const example of examples) console.log(`      ${example}`);
  }
}
