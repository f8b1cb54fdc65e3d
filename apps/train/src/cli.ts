import { endWithLauncher } from './end-with-launcher.js';
import { createProgram } from './program.js';
import { reportError } from './report-error.js';

endWithLauncher();
try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = reportError(error, { debug: process.argv.includes('--debug') });
}
