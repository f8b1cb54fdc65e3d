/** The image and its mask, to paint on by mouse, pen, finger or keys. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { paintLine, type MaskBitmap, type Point } from '../mask/mask-bitmap.js';
import type { Attachment } from '../state/attachments.js';
import { urlOf } from '../state/object-urls.js';
import { showMask } from './mask-overlay.js';

/** Purpose of the pointer. */
export type MaskTool = 'paint' | 'erase' | 'move';

/** A stroke, or a move, while the pointer is down. */
interface Gesture {
  readonly pointerId: number;
  /** Undefined for a move. */
  readonly stroke?: { readonly mask: MaskBitmap; readonly value: 0 | 1 };
  last: Point;
}

/** The canvas in its frame, which scrolls when it is zoomed. */
export function MaskCanvas({
  attachment: { file, width, height },
  mask,
  tool,
  brush,
  zoom,
  onZoom,
  onPaint,
}: {
  readonly attachment: Attachment;
  readonly mask: MaskBitmap;
  readonly tool: MaskTool;
  /** Diameter in pixels of the image. */
  readonly brush: number;
  readonly zoom: number;
  readonly onZoom: (factor: number) => void;
  /** Called with the mask after each stroke. */
  readonly onPaint: (mask: MaskBitmap) => void;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const gesture = useRef<Gesture | undefined>(undefined);
  const isSpaceDown = useRef(false);
  const [cursor, setCursor] = useState<Point>({ x: width / 2, y: height / 2 });
  const [isCursorShown, showCursor] = useState(false);
  useEffect(() => showMask(canvas.current!, mask), [mask]);
  useEffect(() => keepCenter(frame.current!), [zoom]);
  useEffect(() => {
    const element = frame.current!;
    // Not passive, as those of JSX may be: the page must not scroll.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      onZoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const toImage = ({ clientX, clientY }: PointerEvent): Point => {
    const box = surface.current!.getBoundingClientRect();
    return { x: ((clientX - box.left) / box.width) * width, y: ((clientY - box.top) / box.height) * height };
  };
  const paint = (stroke: NonNullable<Gesture['stroke']>, from: Point, to: Point): void => {
    paintLine(stroke.mask, from, to, brush / 2, stroke.value);
    showMask(canvas.current!, stroke.mask);
  };
  const startStroke = (): NonNullable<Gesture['stroke']> => ({
    mask: { ...mask, data: mask.data.slice() },
    value: tool === 'erase' ? 0 : 1,
  });

  const onPointerDown = (event: PointerEvent): void => {
    if (gesture.current !== undefined) return;
    event.preventDefault();
    surface.current!.focus();
    surface.current!.setPointerCapture(event.pointerId);
    const isMove = tool === 'move' || isSpaceDown.current || event.button === 1;
    if (isMove) {
      gesture.current = { pointerId: event.pointerId, last: { x: event.clientX, y: event.clientY } };
      return;
    }
    const point = toImage(event);
    const stroke = startStroke();
    gesture.current = { pointerId: event.pointerId, stroke, last: point };
    paint(stroke, point, point);
  };
  const onPointerMove = (event: PointerEvent): void => {
    setCursor(toImage(event));
    const current = gesture.current;
    if (current?.pointerId !== event.pointerId) return;
    if (current.stroke === undefined) {
      frame.current!.scrollLeft -= event.clientX - current.last.x;
      frame.current!.scrollTop -= event.clientY - current.last.y;
      current.last = { x: event.clientX, y: event.clientY };
      return;
    }
    const point = toImage(event);
    paint(current.stroke, current.last, point);
    current.last = point;
  };
  const onPointerEnd = (event: PointerEvent): void => {
    const current = gesture.current;
    if (current?.pointerId !== event.pointerId) return;
    gesture.current = undefined;
    if (current.stroke !== undefined) onPaint(current.stroke.mask);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = Math.max(1, brush / 2);
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (move !== undefined) {
      showCursor(true);
      setCursor(({ x, y }) => ({ x: within(x + move[0], width), y: within(y + move[1], height) }));
    } else if (event.key === ' ') {
      // Held down it moves the image by the mouse; let go of at once, it paints.
      isSpaceDown.current = true;
    } else return;
    event.preventDefault();
  };
  const onKeyUp = (event: KeyboardEvent): void => {
    if (event.key !== ' ') return;
    event.preventDefault();
    isSpaceDown.current = false;
    if (gesture.current !== undefined || tool === 'move' || !isCursorShown) return;
    const stroke = startStroke();
    paintLine(stroke.mask, cursor, cursor, brush / 2, stroke.value);
    onPaint(stroke.mask);
  };
  return (
    <div ref={frame} class="mask-frame">
      <div
        ref={surface}
        class="mask-surface"
        data-tool={tool}
        tabIndex={0}
        role="application"
        aria-label="Mask canvas: arrows move the brush, Space paints"
        style={{ aspectRatio: `${width} / ${height}`, '--aspect': width / height, '--zoom': zoom }}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerEnd}
        onPointerCancel={onPointerEnd}
        onPointerEnter={() => showCursor(true)}
        onPointerLeave={() => showCursor(false)}
        onKeyDown={onKeyDown}
        onKeyUp={onKeyUp}
      >
        <img class={width <= 256 ? 'pixelated' : ''} src={urlOf(file)} alt="" draggable={false} />
        <canvas ref={canvas} class="mask-overlay" width={width} height={height} />
        {isCursorShown && tool !== 'move' && (
          <div
            class="brush-cursor"
            style={{
              left: `${(100 * cursor.x) / width}%`,
              top: `${(100 * cursor.y) / height}%`,
              width: `${(100 * brush) / width}%`,
            }}
          />
        )}
      </div>
    </div>
  );
}

function within(value: number, size: number): number {
  return Math.min(size, Math.max(0, value));
}

/** Keeps the middle of a frame in the middle when its content grows. */
function keepCenter(frame: HTMLElement): void {
  const { scrollWidth, clientWidth, clientHeight, dataset } = frame;
  const before = Number(dataset['width'] ?? scrollWidth);
  const ratio = scrollWidth / before;
  frame.scrollLeft = (frame.scrollLeft + clientWidth / 2) * ratio - clientWidth / 2;
  frame.scrollTop = (frame.scrollTop + clientHeight / 2) * ratio - clientHeight / 2;
  dataset['width'] = String(scrollWidth);
}
