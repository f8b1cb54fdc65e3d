/** A program that locks a directory until it is killed: `hold-lock.ts DIRECTORY`. */
import { lockDirectory } from '../directory-lock.js';

await lockDirectory(process.argv[2]);
process.stdout.write('locked');
setInterval(() => undefined, 1000);
