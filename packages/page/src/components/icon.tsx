/** Icons of 24 by 24, drawn by lines. */

const paths = {
  add: 'M12 5v14M5 12h14',
  brush: 'M4 20c4 0 5-2 5-4a2.5 2.5 0 0 1 5 0c0 3-3 5-10 4M12.500 13.500 20 5',
  check: 'M5 12.500 10 17.500 19 7',
  close: 'M6 6l12 12M18 6 6 18',
  code: 'M8 8l-4 4 4 4M16 8l4 4-4 4',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  dice: 'M5 5h14v14H5zM9 9h.01M15 15h.01M12 12h.01M15 9h.01M9 15h.01',
  download: 'M12 4v11m0 0 4-4m-4 4-4-4M5 20h14',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  eraser: 'M9 19h11M5 15 14 6l5 5-8 8H8z',
  file: 'M7 3h7l5 5v13H7zM14 3v5h5',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01',
  invert: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  link: 'M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1',
  moon: 'M19 14.500A7.500 7.500 0 0 1 9.500 5 7.500 7.500 0 1 0 19 14.500z',
  move: 'M12 4v16M4 12h16M12 4l-2 2m2-2 2 2M12 20l-2-2m2 2 2-2M4 12l2-2m-2 2 2 2M20 12l-2-2m2 2-2 2',
  recall: 'M4 12a8 8 0 1 0 2.500-5.800M4 4v4.500h4.500',
  redo: 'M20 9H9a5 5 0 0 0 0 10h4M20 9l-4-4m4 4-4 4',
  stop: 'M7 7h10v10H7z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  undo: 'M4 9h11a5 5 0 0 1 0 10h-4M4 9l4-4M4 9l4 4',
  zoomIn: 'M10.500 5a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM15 15l5 5M8 10.500h5M10.500 8v5',
  zoomOut: 'M10.500 5a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM15 15l5 5M8 10.500h5',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof paths;

/** An icon; the text beside it, or the label of its button, has its meaning. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
