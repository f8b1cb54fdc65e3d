import { endWithLauncher } from './end-with-launcher.js';
import { runProgram } from './program.js';
import { reportError } from './report-error.js';

endWithLauncher();
try {
  await runProgram(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error, { debug: process.argv.includes('--debug') });
}
