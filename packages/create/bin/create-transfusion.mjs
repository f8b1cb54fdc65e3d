#!/usr/bin/env node
import { runCreate } from '../dist/index.js';

await runCreate(process.argv.slice(2));
