// A path with a query of its own, and the query that a client sent: ours counts.

/**
 * `path`: perhaps with a query. `query`: the client's, with its question mark, or empty; its bytes stay as they are. What
 * it says under a name that the path has already is left out, in whatever case: servers differ on which of two counts.
 */
export function joinQuery(path: string, query: string): string {
  const at = path.indexOf('?')
  if (at < 0 || query === '') return `${path}${query}`
  const own = new Set([...new URLSearchParams(path.slice(at)).keys()].map((name) => name.toLowerCase()))
  const rest = query
    .slice(1)
    .split('&')
    .filter((piece) => piece !== '' && !own.has(readName(piece).toLowerCase()))
  return rest.length === 0 ? path : `${path}&${rest.join('&')}`
}

function readName(piece: string): string {
  const [name = ''] = new URLSearchParams(piece).keys()
  return name
}
