import { changeSettings } from '../state/current-settings.js';
import { notify } from '../state/notices.js';
import type { Reply } from '../state/reply.js';

/** The settings of a reply at a glance; the seed is a button that keeps it. */
export function ReplyFacts({ reply }: { readonly reply: Reply }) {
  const { seed, model, mode, steps, guidance, sampler, size } = reply.settings;
  const { endedAt } = reply.timeline;
  const facts = [
    model,
    mode === 'auto' ? 'document' : mode,
    steps !== undefined && `${steps} steps`,
    guidance !== undefined && `guidance ${guidance}`,
    sampler,
    size?.replace('x', ' × '),
    reply.numImages > 0 && `${reply.numImages} input ${reply.numImages === 1 ? 'image' : 'images'}`,
    reply.isInBrowser === true && 'in this browser',
    endedAt !== undefined && `${(endedAt / 1000).toFixed(1)} s`,
  ];
  return (
    <ul class="facts" aria-label="Settings">
      <li>
        <button
          type="button"
          class="fact fact-button"
          title="Use this seed again"
          onClick={() => {
            changeSettings({ seed });
            notify(`The next reply has the seed ${seed}.`);
          }}
        >
          seed <span data-testid="seed">{seed}</span>
        </button>
      </li>
      {facts
        .filter((fact) => typeof fact === 'string')
        .map((fact) => (
          <li key={fact} class="fact">
            {fact}
          </li>
        ))}
    </ul>
  );
}
