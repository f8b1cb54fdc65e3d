import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Report } from './worker.js';

/** A file that was not read as it should be. */
export interface Finding {
  readonly index: number;
  readonly problem: string;
}

/** Counts of the files of a format. */
export interface FormatResult {
  readonly read: number;
  readonly refused: number;
  readonly findings: readonly Finding[];
}

/** Files that take longer hang. */
const MAX_SECONDS = 5;
/** For the start of a process, and the making of a file. */
const MAX_SECONDS_BETWEEN = 60;

/** Reads `count` damaged files in a process of their own, which is started anew after one that hangs or ends it. */
export async function runFormat(
  format: string,
  seed: number,
  from: number,
  count: number,
): Promise<FormatResult> {
  const findings: Finding[] = [];
  let [read, refused, next] = [0, 0, from];
  while (next < from + count) {
    let hasStarted = false;
    const ended = await runWorker([format, seed, next, from + count - next].map(String), (report) => {
      hasStarted = true;
      if ('started' in report) return;
      next = report.index + 1;
      if (report.problem !== undefined) findings.push({ index: report.index, problem: report.problem });
      else if (report.isRefused) refused++;
      else read++;
    });
    if (ended === undefined) break;
    if (!hasStarted) throw new Error(`The worker does not start: ${ended}`);
    findings.push({ index: next, problem: ended });
    next++;
  }
  return { read, refused, findings };
}

/** Returns why the process ended, unless it has read all files. */
function runWorker(args: readonly string[], onReport: (report: Report) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), args, {
      execArgv: ['--conditions=@transfusion/source', '--import', 'tsx', '--max-old-space-size=2048'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let output = '';
    let reason: string | undefined;
    worker.stderr?.on('data', (data: Buffer) => (output = `${output}${data.toString()}`.slice(-2000)));
    const hang = (seconds: number): NodeJS.Timeout =>
      setTimeout(() => {
        reason = `hangs for ${seconds} s`;
        worker.kill('SIGKILL');
      }, seconds * 1000);
    let timer = hang(MAX_SECONDS_BETWEEN);
    worker.on('message', (report: Report) => {
      clearTimeout(timer);
      timer = hang('started' in report ? MAX_SECONDS : MAX_SECONDS_BETWEEN);
      onReport(report);
    });
    worker.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : (reason ?? `ends the process (${code ?? signal}): ${output}`));
    });
  });
}
