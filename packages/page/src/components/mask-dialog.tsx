/** The mask of an image: what is painted is generated anew. */
import { useState } from 'preact/hooks';
import { emptyMask, invertMask, type MaskBitmap } from '../mask/mask-bitmap.js';
import {
  currentMask,
  pushMask,
  redoMask,
  startHistory,
  undoMask,
  type MaskHistory,
} from '../mask/mask-history.js';
import { attachments, setMask, type Attachment } from '../state/attachments.js';
import { editedMaskId } from '../state/mask-editing.js';
import { Dialog } from './dialog.js';
import { IconButton } from './icon-button.js';
import { MaskCanvas, type MaskTool } from './mask-canvas.js';

/** Largest brush, as a part of the image's longer side. */
const MAX_BRUSH = 0.5;

/** The dialog, while a mask is edited. */
export function MaskDialog() {
  const attachment = attachments.value.find(({ id }) => id === editedMaskId.value);
  return attachment === undefined ? null : <OpenMaskDialog key={attachment.id} attachment={attachment} />;
}

function OpenMaskDialog({ attachment }: { readonly attachment: Attachment }) {
  const { id, width, height, mask } = attachment;
  const side = Math.max(width, height);
  const [history, setHistory] = useState(() => startHistory(mask ?? emptyMask(width, height)));
  const [tool, setTool] = useState<MaskTool>('paint');
  const [brush, setBrush] = useState(side / 8);
  const [zoom, setZoom] = useState(1);
  const close = (): void => {
    editedMaskId.value = undefined;
  };
  const push = (next: MaskBitmap): void => setHistory((before) => pushMask(before, next));
  const change = (how: (before: MaskHistory) => MaskHistory): void => setHistory(how);
  const resizeBrush = (factor: number): void =>
    setBrush((size) => Math.min(side * MAX_BRUSH, Math.max(1, size * factor)));
  const changeZoom = (factor: number): void => setZoom((value) => Math.min(16, Math.max(1, value * factor)));
  const onKeyDown = (event: KeyboardEvent): void => {
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (isCommand && (key === 'y' || (key === 'z' && event.shiftKey))) change(redoMask);
    else if (isCommand && key === 'z') change(undoMask);
    else if (isCommand && key === 'enter') done();
    else if (isCommand) return;
    else if (key === '[') resizeBrush(1 / 1.25);
    else if (key === ']') resizeBrush(1.25);
    else if (key === 'b') setTool('paint');
    else if (key === 'e') setTool('erase');
    else if (key === 'h') setTool('move');
    else if (key === 'i') push(invertMask(currentMask(history)));
    else if (key === '+' || key === '=') changeZoom(1.5);
    else if (key === '-') changeZoom(1 / 1.5);
    else if (key === '0') setZoom(1);
    else return;
    event.preventDefault();
  };
  const done = (): void => {
    setMask(id, currentMask(history));
    close();
  };
  return (
    <Dialog label="Mask" className="mask-dialog" onClose={close}>
      <div class="mask-editor" onKeyDown={onKeyDown}>
        <header class="mask-header">
          <h2>Paint what is to be made anew</h2>
          <IconButton icon="close" label="Close without the changes" onClick={close} />
        </header>
        <div class="toolbar mask-tools" role="toolbar" aria-label="Mask">
          <IconButton
            icon="brush"
            label="Brush (B)"
            pressed={tool === 'paint'}
            onClick={() => setTool('paint')}
          />
          <IconButton
            icon="eraser"
            label="Eraser (E)"
            pressed={tool === 'erase'}
            onClick={() => setTool('erase')}
          />
          <IconButton
            icon="move"
            label="Move (H, or hold Space)"
            pressed={tool === 'move'}
            onClick={() => setTool('move')}
          />
          <label class="brush-size" title="Brush size: [ and ]">
            <span class="visually-hidden">Brush size</span>
            <input
              type="range"
              min={1}
              max={side * MAX_BRUSH}
              step={0.5}
              value={brush}
              onInput={(event) => setBrush(Number(event.currentTarget.value))}
            />
          </label>
          <span class="toolbar-gap" />
          <IconButton
            icon="undo"
            label="Undo (Ctrl+Z)"
            disabled={history.index === 0}
            onClick={() => change(undoMask)}
          />
          <IconButton
            icon="redo"
            label="Redo (Ctrl+Shift+Z)"
            disabled={history.index === history.states.length - 1}
            onClick={() => change(redoMask)}
          />
          <IconButton
            icon="invert"
            label="Invert (I)"
            onClick={() => push(invertMask(currentMask(history)))}
          />
          <IconButton icon="trash" label="Clear" onClick={() => push(emptyMask(width, height))} />
          <span class="toolbar-gap" />
          <IconButton
            icon="zoomOut"
            label="Zoom out (-)"
            disabled={zoom <= 1}
            onClick={() => changeZoom(1 / 1.5)}
          />
          <IconButton icon="zoomIn" label="Zoom in (+)" onClick={() => changeZoom(1.5)} />
        </div>
        <MaskCanvas
          attachment={attachment}
          mask={currentMask(history)}
          tool={tool}
          brush={brush}
          zoom={zoom}
          onZoom={changeZoom}
          onPaint={push}
        />
        <footer class="form-actions">
          <p class="muted small mask-help">
            Brush size <kbd>[</kbd> <kbd>]</kbd>, undo <kbd>Ctrl Z</kbd>, zoom <kbd>+</kbd> <kbd>-</kbd>;
            without a mouse, arrows move the brush and <kbd>Space</kbd> paints.
          </p>
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="button" class="button button-primary" onClick={done}>
            Use the mask
          </button>
        </footer>
      </div>
    </Dialog>
  );
}
