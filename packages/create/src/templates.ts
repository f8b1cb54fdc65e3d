import { appTemplate } from './app-template.js';
import { pluginTemplate } from './plugin-template.js';
import type { Template } from './template.js';

/** The templates of `npm create @transfusion`, in the order in which they are offered. */
export const templates: readonly Template[] = [appTemplate, pluginTemplate];
