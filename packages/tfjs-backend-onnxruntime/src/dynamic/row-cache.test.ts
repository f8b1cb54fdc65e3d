import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowCache, type CacheRow } from './row-cache.js';

const [numArrays, outer, inner, minCapacity] = [2, 3, 2, 4];
const create = (): RowCache => new RowCache({ numArrays, outer, inner, minCapacity });

/** Elements of `length` positions: [outer, length, inner] for each array, all different. */
let counter = 0;
const positions = (length: number): Float32Array[] =>
  Array.from({ length: numArrays }, () =>
    Float32Array.from({ length: outer * length * inner }, () => ++counter),
  );

/** Any order of additions, removals and views, as [operation, row, length]. */
const operations = fc.array(
  fc.tuple(fc.constantFrom('add', 'append', 'remove', 'view'), fc.nat(20), fc.integer({ min: 1, max: 6 })),
  {
    maxLength: 60,
  },
);

it('holds what was appended to each row, whatever happens to the others', () => {
  fc.assert(
    fc.property(operations, (list) => {
      const cache = create();
      const rows: { readonly row: CacheRow; readonly pieces: Float32Array[][] }[] = [];
      const check = ({ row, pieces }: (typeof rows)[number]): void => {
        let start = 0;
        for (const piece of pieces) {
          const length = piece[0].length / outer / inner;
          expect(cache.read(row, start, length)).toEqual(piece);
          start += length;
        }
        expect(row.length).toBe(start);
      };
      for (const [operation, which, length] of list) {
        const at = which % Math.max(rows.length, 1);
        if (operation === 'add') rows.push({ row: cache.add(), pieces: [] });
        else if (rows.length === 0) continue;
        else if (operation === 'append') {
          const piece = positions(length);
          rows[at].pieces.push(piece);
          cache.append(rows[at].row, piece, length);
        } else if (operation === 'remove') cache.remove(rows.splice(at, 1)[0].row);
        else {
          const members = rows.filter(
            ({ row }, i) => row.capacity === rows[at].row.capacity && i % length === at % length,
          );
          const view = cache.view(members.map(({ row }) => row));
          expect(new Set(view.rows)).toEqual(new Set(members.map(({ row }) => row)));
          view.rows.forEach((row, r) => {
            const { pieces } = members.find((member) => member.row === row)!;
            const [first] = pieces;
            if (first === undefined) return;
            const length0 = first[0].length / outer / inner;
            view.arrays.forEach((array, a) => {
              for (let o = 0; o < outer; o++) {
                const start = (r * outer + o) * view.capacity * inner;
                const expected = first[a].subarray(o * length0 * inner, (o + 1) * length0 * inner);
                expect(array.subarray(start, start + length0 * inner)).toEqual(expected);
              }
            });
          });
        }
        rows.forEach(check);
      }
      expect(cache.stats.numRows).toBe(rows.length);
      for (const { row } of rows) cache.remove(row);
      expect(cache.stats).toMatchObject({ numRows: 0, bytes: 0 });
    }),
  );
});

it('copies nothing to view the same rows again', () => {
  const cache = create();
  const rows = Array.from({ length: 9 }, () => cache.add());
  for (const row of rows) cache.append(row, positions(3), 3);
  const some = [rows[1], rows[4], rows[8]];
  cache.view(some);
  const { bytesCopied } = cache.stats;
  expect(bytesCopied).toBeGreaterThan(0);
  expect(cache.view([...some].reverse()).arrays[0]).toHaveLength(3 * outer * minCapacity * inner);
  expect(cache.stats.bytesCopied).toBe(bytesCopied);
});

it('appends one row of a batch, without its padding', () => {
  const cache = create();
  const row = cache.add();
  // Two rows of three positions, of which the second's first two are appended.
  const batch = Array.from({ length: numArrays }, () =>
    Float32Array.from({ length: 2 * outer * 3 * inner }, (_, i) => i),
  );
  cache.append(row, batch, 2, { index: 1, stride: 3 });
  expect([...cache.read(row, 0, 2)[0]]).toEqual([18, 19, 20, 21, 24, 25, 26, 27, 30, 31, 32, 33]);
});

it('gives a new row zeros: what was there before could be infinite', () => {
  const cache = create();
  const [first, kept] = [cache.add(), cache.add()];
  cache.append(
    first,
    positions(4).map((array) => array.fill(Infinity)),
    4,
  );
  cache.remove(first);
  const next = cache.add();
  for (const array of cache.view([next, kept]).arrays) expect(array.every((value) => value === 0)).toBe(true);
});

it('refuses rows that are gone', () => {
  const cache = create();
  const row = cache.add();
  cache.remove(row);
  expect(() => cache.remove(row)).toThrow('RowCache: the row was removed');
  expect(() => cache.view([row])).toThrow('RowCache: the row was removed');
  const other = cache.add();
  expect(() => cache.append(row, positions(1), 1)).toThrow('RowCache: the row was removed');
  expect(() => cache.read(row, 0, 1)).toThrow('RowCache: the row was removed');
  expect(cache.view([other]).arrays[0].every((value) => value === 0)).toBe(true);
});
