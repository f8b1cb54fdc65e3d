import { asksForKey } from '../state/api-key.js';
import { connection, connectionProblem, followConnection } from '../state/connection.js';

/** Explains why nothing can be generated now. */
export function ConnectionBanner() {
  const state = connection.value;
  if (state === 'ready' || state === 'connecting') return null;
  return (
    <div class="banner" data-state={state} role={state === 'offline' ? 'alert' : 'status'}>
      {state === 'loading' && <p>The model is being loaded. This takes a few seconds.</p>}
      {state === 'offline' && (
        <>
          <p>
            <strong>The server cannot be reached.</strong> The page tries again by itself; your prompt and the
            gallery stay. {connectionProblem.value !== '' && <small>{connectionProblem.value}</small>}
          </p>
          <button type="button" class="button" onClick={() => void followConnection()}>
            Try now
          </button>
        </>
      )}
      {state === 'locked' && (
        <>
          <p>This server wants an API key.</p>
          <button type="button" class="button" onClick={() => (asksForKey.value = true)}>
            Enter a key
          </button>
        </>
      )}
    </div>
  );
}
