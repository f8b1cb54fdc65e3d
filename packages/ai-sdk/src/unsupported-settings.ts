/** Warnings about settings of the AI SDK that Transfusion models do not have. */
import type { SharedV3Warning } from '@ai-sdk/provider';

/** Returns a warning for each feature that is set. */
export function unsupported(
  features: Readonly<Record<string, unknown>>,
  details?: string,
): SharedV3Warning[] {
  return Object.entries(features)
    .filter(([, value]) => value !== undefined)
    .map(([feature]) => ({ type: 'unsupported', feature, ...(details === undefined ? {} : { details }) }));
}
