/** The steps of a release, in an order in which all that can go wrong goes wrong before anything is published. */
import { SetupError } from '@transfusion/setup/setup-error';
import type { ReleaseOptions } from './release-options.js';

/** One thing that a release does. */
export interface Step {
  readonly title: string;
  /** Advice for when it has failed. */
  readonly remedy: string;
  run(): void;
}

/** The name of each action. */
export type ActionName =
  'checkOut' | 'version' | 'build' | 'test' | 'complete' | 'pack' | 'writeNotes' | 'push' | 'publish' | 'tag';

const AGAIN = 'Correct that, commit it, and run the release again.';

const ACTIONS: Readonly<Record<ActionName, Omit<Step, 'run'>>> = {
  checkOut: {
    title: 'Check out the commit in a temporary folder, and install',
    remedy: 'Run the release again.',
  },
  version: { title: 'Set versions and write changelogs (changeset version)', remedy: AGAIN },
  build: { title: 'Build the packages (some minutes)', remedy: AGAIN },
  test: { title: 'Run all checks and tests (npm run test:all)', remedy: AGAIN },
  complete: { title: 'Write the repository’s address into the packages', remedy: AGAIN },
  pack: { title: 'Pack the packages, and check what is in them', remedy: AGAIN },
  writeNotes: { title: 'Write the release notes', remedy: AGAIN },
  push: {
    title: 'Put the release commit on main',
    remedy: 'Nothing is published. Bring main up to date (git pull), and run the release again.',
  },
  publish: {
    title: 'Publish what npm does not have yet (changeset publish)',
    remedy: 'Run the release again: versions that are published are skipped.',
  },
  tag: { title: 'Tag the versions', remedy: 'Run the release again: only tags are missing.' },
};

/** The last steps, which cannot be undone. */
const IRREVERSIBLE: ReadonlySet<ActionName> = new Set(['push', 'publish', 'tag']);

/** Returns the steps of a release, or of a dry run. */
export function releaseSteps(
  { dryRun, tests }: ReleaseOptions,
  actions: Readonly<Record<ActionName, () => void>>,
): Step[] {
  return (Object.keys(ACTIONS) as ActionName[])
    .filter((name) => (tests || name !== 'test') && !(dryRun && IRREVERSIBLE.has(name)))
    .map((name) => ({ ...ACTIONS[name], run: actions[name] }));
}

/** Runs steps one after another, and says each in one line. @throws SetupError at the first that fails */
export function runSteps(steps: readonly Step[], say: (line: string) => void): void {
  for (const [i, { title, remedy, run }] of steps.entries()) {
    say(`[${i + 1}/${steps.length}] ${title}`);
    try {
      run();
    } catch (error) {
      throw new SetupError(`release stopped at step ${i + 1}: ${(error as Error).message}\n${remedy}`);
    }
  }
}
