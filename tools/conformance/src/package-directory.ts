import { fileURLToPath } from 'node:url';

/** Where this package lives; paths do not depend on the directory a command is started from. */
export const packageDirectory = fileURLToPath(new URL('..', import.meta.url));
