/** The choice of where replies are generated. */
import { model } from '../state/connection.js';
import { place, runInBrowser, runOnServer } from '../state/place.js';
import { isRunning } from '../state/reply.js';
import { reply } from '../state/session.js';

/** The choice, if the server lets browsers have its model. */
export function PlaceField() {
  const chosen = model.value;
  const { at } = place.value;
  // A server that no longer hands it out leaves the one that is here.
  if (chosen === undefined || (chosen.exportUrl === undefined && at === 'server')) return null;
  const isBusy = isRunning(reply.value);
  return (
    <fieldset class="place">
      <legend class="field-label">Where to generate</legend>
      <div class="place-options">
        <label class="mode">
          <input
            type="radio"
            name="place"
            checked={at === 'server'}
            disabled={isBusy}
            onChange={runOnServer}
          />
          <span>On the server</span>
        </label>
        <label class="mode">
          <input
            type="radio"
            name="place"
            checked={at !== 'server'}
            disabled={isBusy || chosen.exportUrl === undefined}
            onChange={() => void runInBrowser(chosen)}
          />
          <span>In this browser</span>
        </label>
      </div>
      <div class="place-state small muted" role="status">
        <PlaceState />
      </div>
    </fieldset>
  );
}

function PlaceState() {
  const now = place.value;
  if (now.at === 'browser') {
    const device = now.runs.device === 'webgpu' ? 'the graphics card' : 'the processor';
    return <p>Runs on {device} of this device. Prompts and images do not leave it.</p>;
  }
  if (now.at === 'loading') {
    const { loaded, total } = now;
    const isPreparing = total === 0;
    return (
      <>
        <progress aria-label="Loading the model" value={isPreparing ? undefined : loaded} max={total || 1} />
        <p>
          {isPreparing
            ? 'The server prepares the model. This takes some seconds, once.'
            : loaded < total
              ? `${megabytes(loaded)} of ${megabytes(total)} MB`
              : 'The model starts.'}{' '}
          Until then, the server generates.
        </p>
      </>
    );
  }
  if (now.problem !== undefined) {
    return (
      <p class="problem" role="alert">
        {now.problem}
      </p>
    );
  }
  return null;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
