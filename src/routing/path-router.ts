// Finds what answers a host and path: the most specific host first, then Exact before the longest Prefix. Lookup time
// depends on the number of path segments, not on the number of routes.

export type PathMatch<T> = Readonly<{
  value: T
  /** Length of the matched path: what follows it is the rest. */
  length: number
}>

type PathTable<T> = { exact: Map<string, T>; prefix: Map<string, T> }

export class PathRouter<T> {
  readonly #anyHost: PathTable<T> = createPathTable()
  readonly #hosts = new Map<string, PathTable<T>>()
  /** `*.example.com` under `.example.com`. */
  readonly #wildcardHosts = new Map<string, PathTable<T>>()

  /** Adds a claim on a normalised path; the first claim of the same host, path and type stays. True if it was taken. */
  add(hostnames: readonly string[], path: string, pathType: 'Prefix' | 'Exact', value: T): boolean {
    const tables = hostnames.length === 0 ? [this.#anyHost] : hostnames.map((hostname) => this.#findHost(hostname))
    let isTaken = false
    for (const table of tables) {
      const paths = pathType === 'Exact' ? table.exact : table.prefix
      if (paths.has(path)) continue
      paths.set(path, value)
      isTaken = true
    }
    return isTaken
  }

  /** `hostname` in lower case without port, `path` normalised. */
  find(hostname: string, path: string): PathMatch<T> | null {
    if (this.#hosts.size > 0) {
      const table = this.#hosts.get(hostname)
      const match = table && findPath(table, path)
      if (match) return match
    }
    if (this.#wildcardHosts.size > 0) {
      for (let at = hostname.indexOf('.'); at >= 0; at = hostname.indexOf('.', at + 1)) {
        const table = this.#wildcardHosts.get(hostname.slice(at))
        const match = table && findPath(table, path)
        if (match) return match
      }
    }
    return findPath(this.#anyHost, path)
  }

  #findHost(hostname: string): PathTable<T> {
    const [hosts, key] = hostname.startsWith('*.')
      ? ([this.#wildcardHosts, hostname.slice(1)] as const)
      : ([this.#hosts, hostname] as const)
    let table = hosts.get(key)
    if (table === undefined) {
      table = createPathTable()
      hosts.set(key, table)
    }
    return table
  }
}

function createPathTable<T>(): PathTable<T> {
  return { exact: new Map(), prefix: new Map() }
}

function findPath<T>(table: PathTable<T>, path: string): PathMatch<T> | null {
  const exact = table.exact.get(path)
  if (exact !== undefined) return { value: exact, length: path.length }
  // From the whole path to the root, one segment less each time.
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const value = table.prefix.get(path.slice(0, end))
    if (value !== undefined) return { value, length: end }
  }
  const root = table.prefix.get('/')
  return root === undefined ? null : { value: root, length: 0 }
}
