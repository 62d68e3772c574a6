// Reads the tables of a page of docs/: rows as lists of cells.
import { readFileSync } from 'node:fs'

/** Cells of every table row whose first cell is code (`name`), the first without its backquotes. */
export function readCodeRows(page: string): readonly (readonly string[])[] {
  return readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      // `\|` is a bar inside a cell.
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
      const [name = '', ...rest] = cells.slice(1, -1)
      return [name.replace(/^`|`$/g, ''), ...rest]
    })
}
