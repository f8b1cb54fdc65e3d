import type { SharedV3Warning, SpeechModelV3CallOptions } from '@ai-sdk/provider';
import { audioFormat } from './file-data.js';
import { unsupported } from './unsupported-settings.js';

/**
 * Returns the warnings about what speech models do not take, and about a file of another format than was asked for.
 *
 * @param mediaType of the generated file
 */
export function speechSettingWarnings(
  { voice, instructions, speed, language, outputFormat }: SpeechModelV3CallOptions,
  mediaType: string,
): SharedV3Warning[] {
  const format = audioFormat(mediaType);
  return [
    ...unsupported({ voice, instructions, speed: speed === 1 ? undefined : speed, language }),
    ...unsupported(
      { outputFormat: outputFormat === format ? undefined : outputFormat },
      `The model generates ${format}.`,
    ),
  ];
}
