/** Settings from elsewhere: the gallery, a file, a link. */
import { settings } from './current-settings.js';
import type { Settings } from './settings.js';

/** Takes all settings; those of a model that the server lacks stay, for another may have them. */
export function recallSettings(recalled: Settings): void {
  settings.value = recalled;
}
