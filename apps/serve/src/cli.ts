import { runProgram } from './program.js';
import { reportError } from './report-error.js';

try {
  await runProgram(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error);
}
