import { asksForKey, setApiKey } from '../state/api-key.js';
import { connectionProblem, followConnection } from '../state/connection.js';
import { Dialog } from './dialog.js';

/** Asks for the API key. */
export function KeyDialog() {
  if (!asksForKey.value) return null;
  return (
    <Dialog label="API key" className="dialog-small" onClose={() => (asksForKey.value = false)}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          const key = String(new FormData(event.currentTarget).get('key')).trim();
          if (key === '') return;
          setApiKey(key);
          void followConnection();
        }}
      >
        <h2>API key</h2>
        <p class="muted">This server wants a key. It is kept in this tab only, until you close it.</p>
        {connectionProblem.value !== '' && (
          <p class="problem" role="alert">
            {connectionProblem.value}
          </p>
        )}
        <label class="field">
          <span class="field-label">Key</span>
          <input class="input" name="key" type="password" autocomplete="off" required />
        </label>
        <div class="form-actions">
          <button type="button" class="button" onClick={() => (asksForKey.value = false)}>
            Cancel
          </button>
          <button type="submit" class="button button-primary">
            Continue
          </button>
        </div>
      </form>
    </Dialog>
  );
}
