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

it('takes positions that were written in place behind the ends of rows', () => {
  const cache = create();
  const rows = [cache.add(), cache.add()];
  cache.append(rows[0], positions(3), 3);
  const before = cache.read(rows[0], 0, 3);
  cache.reserve(rows, 2);
  // Only the first row has to move, from room for 4 to room for 8.
  expect(rows.map(({ capacity }) => capacity)).toEqual([8, 4]);
  const { arrays } = cache.view([rows[0]]);
  arrays.forEach((array, a) => {
    for (let o = 0; o < outer; o++) array.fill(100 * a + o, (o * 8 + 3) * inner, (o * 8 + 5) * inner);
  });
  cache.extend(rows[0], 2);
  expect(cache.read(rows[0], 0, 3)).toEqual(before);
  expect(cache.read(rows[0], 3, 2).map((array) => [...array])).toEqual([
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
    [100, 100, 100, 100, 101, 101, 101, 101, 102, 102, 102, 102],
  ]);
  expect(() => cache.extend(rows[0], 4)).toThrow(
    'RowCache: a row of 5 positions with room for 8 cannot grow by 4. Reserve room first.',
  );
});

it('makes room for many rows with one new block of memory', () => {
  const cache = create();
  const rows = Array.from({ length: 6 }, () => cache.add());
  for (const row of rows) cache.append(row, positions(4), 4);
  const { bytesCopied } = cache.stats;
  cache.reserve(rows, 1);
  expect(cache.stats.bytesCopied - bytesCopied).toBe(6 * 4 * numArrays * outer * 4 * inner);
});

it('keeps memory for rows to come, up to a limit', () => {
  const rowBytes = 4 * numArrays * outer * minCapacity * inner;
  // Room for four rows of four positions, or for two of eight.
  const cache = new RowCache({ numArrays, outer, inner, minCapacity, maxSpareBytes: 4 * rowBytes });
  const first = cache.add();
  const memory = cache.view([first]).arrays[0].buffer;
  cache.remove(first);
  expect(cache.stats).toMatchObject({ bytes: 0, spareBytes: 4 * rowBytes });
  const again = cache.add();
  expect(cache.view([again]).arrays[0].buffer).toBe(memory);
  expect(cache.stats).toMatchObject({ bytes: 4 * rowBytes, spareBytes: 0 });
  // Its four places of eight positions are more than the limit, and leave what is kept alone.
  cache.append(again, positions(5), 5);
  expect(cache.stats).toMatchObject({ bytes: 8 * rowBytes, spareBytes: 4 * rowBytes });
  cache.remove(again);
  expect(cache.stats).toMatchObject({ bytes: 0, spareBytes: 4 * rowBytes });
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
  expect(() => cache.reserve([row], 1)).toThrow('RowCache: the row was removed');
  expect(() => cache.extend(row, 1)).toThrow('RowCache: the row was removed');
  expect(() => cache.read(row, 0, 1)).toThrow('RowCache: the row was removed');
  expect(cache.view([other]).arrays[0].every((value) => value === 0)).toBe(true);
});
