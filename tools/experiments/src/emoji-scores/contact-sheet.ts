/** A sheet of images with lines of text below each. */
import { decodeImage, encodePng, type RgbImage } from '@transfusion/modality-image';

/** Images that belong together, and the text below them. */
export interface ContactSheetCell {
  readonly images: readonly RgbImage[];
  readonly lines: readonly string[];
}

const FONT_SIZE = 9;
const GAP = 8;

/** Minimum width of a cell: room for a caption below a single image. */
const MIN_WIDTH = 128;

/** Approximate width of a character, relative to its height. */
const CHARACTER_WIDTH = 0.52;

/** Renders cells row by row; all have as many lines, and images of one size, as the first. */
export async function contactSheet(cells: readonly ContactSheetCell[], columns = 6): Promise<RgbImage> {
  const { width, height } = cells[0].images[0];
  const cellWidth = Math.max(MIN_WIDTH, cells[0].images.length * width) + GAP;
  const cellHeight = height + cells[0].lines.length * FONT_SIZE + GAP;
  const maxCharacters = Math.floor((cellWidth - GAP) / (FONT_SIZE * CHARACTER_WIDTH));
  const rendered = await Promise.all(
    cells.map(async ({ images, lines }, i) => {
      const left = (i % columns) * cellWidth;
      const top = Math.floor(i / columns) * cellHeight;
      const elements = await Promise.all(
        images.map(async (image, k) => {
          const png = Buffer.from(await encodePng(image)).toString('base64');
          return `<image x="${left + k * width}" y="${top}" width="${width}" height="${height}" href="data:image/png;base64,${png}"/>`;
        }),
      );
      const texts = lines.map((line, k) => {
        const shown = line.length > maxCharacters ? `${line.slice(0, maxCharacters - 1)}…` : line;
        return `<text x="${left}" y="${top + height + (k + 1) * FONT_SIZE}">${escaped(shown)}</text>`;
      });
      return [...elements, ...texts].join('');
    }),
  );
  const sheetWidth = Math.min(columns, cells.length) * cellWidth;
  const sheetHeight = Math.ceil(cells.length / columns) * cellHeight;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${sheetWidth}" height="${sheetHeight}" ` +
    `font-family="sans-serif" font-size="${FONT_SIZE}">${rendered.join('')}</svg>`;
  return decodeImage(new TextEncoder().encode(svg));
}

/** XML cannot hold control characters, which a model of bytes may generate. */
function escaped(text: string): string {
  const printable = text.replace(/[^ -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
