import { describe, expect, test } from 'vitest';
import { releaseSteps, runSteps, type ActionName } from './release-steps.js';

/** The names of the actions that run. */
function actionsOf(dryRun: boolean, tests: boolean): string[] {
  const ran: string[] = [];
  const record = new Proxy({} as Record<ActionName, () => void>, {
    get: (_target, name) => () => ran.push(String(name)),
  });
  runSteps(releaseSteps({ dryRun, tests }, record), () => undefined);
  return ran;
}

describe('the steps', () => {
  const reversible = ['checkOut', 'version', 'build', 'test', 'complete', 'pack', 'writeNotes'];

  test('of a release publish and tag at the end', () => {
    expect(actionsOf(false, true)).toEqual([...reversible, 'push', 'publish', 'tag']);
  });

  test('of a dry run are the same without what cannot be undone', () => {
    expect(actionsOf(true, true)).toEqual(reversible);
    expect(actionsOf(true, false)).toEqual(reversible.filter((name) => name !== 'test'));
  });
});

test('each step is said; the first that fails stops the release, and says what to do', () => {
  const lines: string[] = [];
  const step = (title: string, run: () => void) => ({ title, run, remedy: `Mend ${title}.` });
  const steps = [
    step('one', () => undefined),
    step('two', () => {
      throw new Error('it broke');
    }),
    step('three', () => lines.push('never')),
  ];
  expect(() => runSteps(steps, (line) => lines.push(line))).toThrow(
    'release stopped at step 2: it broke\nMend two.',
  );
  expect(lines).toEqual(['[1/3] one', '[2/3] two']);
});
