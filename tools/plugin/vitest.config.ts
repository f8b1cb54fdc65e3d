import { mergeConfig } from 'vitest/config';
import { sharedTestConfig } from '../../vitest.shared.js';

// The templates are code: their tests are those of what is generated.
export default mergeConfig(sharedTestConfig, { test: { include: ['templates/**/*.test.ts'] } });
