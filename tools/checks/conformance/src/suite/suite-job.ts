import { readFileSync } from 'node:fs';
import type { SuiteJob } from '../spec-log.js';

const [, , jobPath] = process.argv;
if (jobPath === undefined) throw new Error('suite process: expected the path of a job file');

export const job = JSON.parse(readFileSync(jobPath, 'utf8')) as SuiteJob;
