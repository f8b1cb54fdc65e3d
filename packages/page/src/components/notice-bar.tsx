import { dismissNotice, notice } from '../state/notices.js';
import { IconButton } from './icon-button.js';

/** The notice on show. */
export function NoticeBar() {
  const { value } = notice;
  return (
    <div class="notice-area" role="status" aria-live="polite">
      {value !== undefined && (
        <div class="notice">
          <p>{value.text}</p>
          {value.action !== undefined && (
            <button
              type="button"
              class="button"
              onClick={() => {
                value.action!.run();
                dismissNotice();
              }}
            >
              {value.action.label}
            </button>
          )}
          <IconButton icon="close" label="Dismiss" onClick={dismissNotice} />
        </div>
      )}
    </div>
  );
}
