import { openSync, writeSync } from 'node:fs';
import { matchesFilter, type Failure, type SpecEvent, type SpecStatus } from '../spec-log.js';
import { jasmineEnv, type JasmineExpectation } from './jasmine-globals.js';
import { indexSpecs, type IndexedSpec } from './spec-tree.js';
import { job } from './suite-job.js';
import { backendSuffix } from './test-environment.js';

/** Runs the specs that the job asks for, all of them registered by now, and logs what happens. */
export async function executeSuite(): Promise<void> {
  const log = openSync(job.logPath, 'a');
  const write = (event: SpecEvent): void => {
    writeSync(log, `${JSON.stringify(event)}\n`);
  };

  const specs = indexSpecs(jasmineEnv.topSuite(), backendSuffix);
  write({
    type: 'registered',
    specs: specs.map(({ name, backendDependent }) => ({ name, backendDependent })),
  });

  const omitted = new Set(job.omit);
  const isWanted = ({ name, block }: IndexedSpec): boolean =>
    block % job.shard.count === job.shard.index &&
    matchesFilter(name, job.filter) &&
    !omitted.has(name) &&
    !job.omitStartingWith.some((prefix) => name.startsWith(prefix));
  const wanted = new Map(specs.filter(isWanted).map(({ id, name }) => [id, name]));

  jasmineEnv.configure({ random: false, specFilter: ({ id }) => wanted.has(id) });
  jasmineEnv.addReporter({
    specStarted({ id }) {
      const name = wanted.get(id);
      if (name !== undefined) write({ type: 'started', name });
    },
    specDone({ id, status, failedExpectations }) {
      const name = wanted.get(id);
      if (name === undefined) return;
      write({
        type: 'finished',
        name,
        status: status as SpecStatus,
        failures: failedExpectations.map(toFailure),
      });
    },
    suiteDone({ fullName, failedExpectations }) {
      if (failedExpectations.length === 0) return;
      const name = `${fullName.replaceAll(backendSuffix, '')} (beforeAll or afterAll)`;
      write({ type: 'block-failed', name, failures: failedExpectations.map(toFailure) });
    },
  });

  Error.stackTraceLimit = 50;
  const { failedExpectations } = await jasmineEnv.execute();
  if (failedExpectations.length > 0) {
    const failures = failedExpectations.map(toFailure);
    write({ type: 'block-failed', name: 'whole suite (outside of specs)', failures });
  }
  write({ type: 'completed' });
}

function toFailure({ message, stack }: JasmineExpectation): Failure {
  return { message, stack: stack ?? '' };
}
