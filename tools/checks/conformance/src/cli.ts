/** `pnpm conformance`: runs TensorFlow.js core's own test-suite; the README says how. */
import { parseArgs } from 'node:util';
import { exclusions } from '../exclusions.js';
import { backendNames, isBackendName, type BackendName } from './backends.js';
import { concludeReport, type ConformanceReport } from './conformance-report.js';
import { formatFailureNames, formatFailuresInFull } from './format-failures.js';
import { formatJson } from './format-json.js';
import { formatText } from './format-text.js';
import { judgeBackend } from './judge-backend.js';
import { runBackend } from './run-backend.js';
import { writeResults } from './write-results.js';

interface CliOptions {
  readonly backends: readonly BackendName[];
  readonly filter: string;
  readonly output: 'text' | 'json' | 'failures';
  readonly resultsPath: string | undefined;
}

function parseOptions(args: string[]): CliOptions {
  const { values } = parseArgs({
    // pnpm hands on a separator that the caller typed.
    args: args.filter((arg) => arg !== '--'),
    options: {
      backend: { type: 'string', multiple: true, default: [...backendNames] },
      filter: { type: 'string', default: '' },
      failures: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      results: { type: 'string' },
    },
  });
  const unknown = values.backend.find((name) => !isBackendName(name));
  if (unknown !== undefined) {
    throw new Error(`--backend ${unknown}: expected one of ${backendNames.join(', ')}`);
  }
  return {
    backends: [...new Set(values.backend.filter(isBackendName))],
    filter: values.filter,
    output: values.json ? 'json' : values.failures ? 'failures' : 'text',
    resultsPath: values.results,
  };
}

function format(report: ConformanceReport, output: CliOptions['output']): string {
  if (output === 'json') return formatJson(report);
  const failing = report.verdicts.filter(({ failedSpecs }) => failedSpecs.length > 0);
  const failures =
    output === 'failures'
      ? failing.map(formatFailureNames)
      : report.filter !== ''
        ? failing.map(formatFailuresInFull)
        : [];
  return [...failures, formatText(report)].join('\n\n');
}

async function main(): Promise<void> {
  const { backends, filter, output, resultsPath } = parseOptions(process.argv.slice(2));
  const verbose = filter !== '' && output === 'text';
  const runs = await Promise.all(
    backends.map((backend) => runBackend(backend, { filter, exclusions, verbose })),
  );
  const verdicts = runs.map((run) => judgeBackend(run, exclusions, filter));
  const report = concludeReport(verdicts, filter);
  process.stdout.write(`${format(report, output)}\n`);
  if (resultsPath !== undefined) writeResults(report, resultsPath);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`conformance: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
