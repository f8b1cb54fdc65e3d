import type { BackendVerdict, FailedSpec } from './judge-backend.js';
import type { Failure } from './spec-log.js';

/** Failed specs below their top-level blocks, each with the first line of its first error. */
export function formatFailureNames({ backend, failedSpecs }: BackendVerdict): string {
  const blocks = new Map<string, FailedSpec[]>();
  for (const failed of failedSpecs) {
    const [block = ''] = failed.name.split(' > ');
    blocks.set(block, [...(blocks.get(block) ?? []), failed]);
  }
  const lines = [`Failed on ${backend}: ${failedSpecs.length}`];
  for (const [block, specs] of blocks) {
    lines.push('', `${block} (${specs.length})`);
    for (const { name, failures } of specs) {
      lines.push(`  ${name.slice(block.length + 3) || name}`);
      lines.push(`      ${failures[0]?.message.trim().split('\n')[0] ?? ''}`);
    }
  }
  return lines.join('\n');
}

/** Failed specs with all their errors and the frames that lie neither in jasmine nor in core's engine. */
export function formatFailuresInFull({ backend, failedSpecs }: BackendVerdict): string {
  return failedSpecs
    .map(({ name, failures }) => [`FAILED on ${backend}: ${name}`, ...failures.map(inFull)].join('\n'))
    .join('\n\n');
}

const UNTELLING_FRAME =
  /jasmine-core|<Jasmine>|node:internal|tfjs-core\/src\/(engine|gradients|globals|ops\/operation)\.ts/;

function inFull({ message, stack }: Failure): string {
  const frames = stack
    .split('\n')
    .filter((line) => !UNTELLING_FRAME.test(line))
    // The message opens the stack of an error.
    .filter((line) => !message.includes(line.trim()))
    .slice(0, 15);
  return [...message.trim().split('\n'), ...frames].map((line) => `  ${line}`).join('\n');
}
