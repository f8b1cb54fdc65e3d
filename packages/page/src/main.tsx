/** Starts the page. */
import { render } from 'preact';
import { App } from './components/app.js';
import { settingsOfHash } from './share/share-url.js';
import { followConnection } from './state/connection.js';
import { loadGallery } from './state/gallery.js';
import { recallSettings } from './state/recall-settings.js';
import { followTheme } from './state/theme.js';

function recallHash(): void {
  const recalled = settingsOfHash(location.hash);
  if (recalled !== undefined) recallSettings(recalled);
}

followTheme();
recallHash();
addEventListener('hashchange', recallHash);
for (const event of ['online', 'offline']) addEventListener(event, () => void followConnection());
void followConnection();
void loadGallery();
const root = document.querySelector('#app')!;
root.replaceChildren();
render(<App />, root);
