// All key sets that are fetched, keyed by URI, so that they outlive tables. One that no table names any more is closed.
import type { ConnectorOptions } from './connector.ts'
import { fetchJwks, type JwksFetchLimits } from './fetch-jwks.ts'
import { defaultJwksTiming, JwksSource } from './jwks-source.ts'

/** Told of every fetch; `hasChanged`: it went well where the last one did not, or the other way round. */
export type JwksReport = (uri: string, problem: string | null, hasChanged: boolean) => void

const limits: JwksFetchLimits = { timeoutMs: 5_000, maxBytes: 256 * 1024 }

export class JwksSources {
  readonly #sources = new Map<string, JwksSource>()
  readonly #dialling: ConnectorOptions
  readonly #report: JwksReport

  constructor(dialling: ConnectorOptions, report: JwksReport) {
    this.#dialling = dialling
    this.#report = report
  }

  /** Begins to fetch at once where the URI is new. */
  get(uri: string): JwksSource {
    let source = this.#sources.get(uri)
    if (source === undefined) {
      let before: string | null | undefined
      source = new JwksSource({
        fetchText: (signal) => fetchJwks(uri, this.#dialling, limits, signal),
        report: (problem) => {
          this.#report(uri, problem, problem !== null ? problem !== before : typeof before === 'string')
          before = problem
        },
        timing: defaultJwksTiming,
      })
      this.#sources.set(uri, source)
    }
    return source
  }

  /** Closes every one that is not in `inUse`. */
  sweep(inUse: ReadonlySet<string>): void {
    for (const [uri, source] of this.#sources) {
      if (inUse.has(uri)) continue
      this.#sources.delete(uri)
      source.close()
    }
  }

  close(): void {
    this.sweep(new Set())
  }
}
