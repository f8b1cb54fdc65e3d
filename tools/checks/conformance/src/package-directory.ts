import { fileURLToPath } from 'node:url';

/** This package's folder, so that paths do not depend on the directory a command is started from. */
export const packageDirectory = fileURLToPath(new URL('..', import.meta.url));
