// One look at the gateway's process during the soak: memory, sockets, timers, event loop.
import { readdirSync, readlinkSync } from 'node:fs'
import type { SpawnedServer } from './spawn-server.ts'

export type SoakSample = Readonly<{
  /** Minutes since the load began. */
  minutes: number
  rssMegabytes: number
  /** Heap and external memory after a full collection. */
  heapMegabytes: number
  /** Null where there is no /proc. */
  sockets: number | null
  files: number | null
  timers: number
  handles: number
  loopLagP99Ms: number | null
  streamsOpen: number | null
}>

/** Reads process, /proc and the admin port. Rejects when the server is gone. */
export async function readSoakSample(server: SpawnedServer, adminPort: number, startMs: number): Promise<SoakSample> {
  const { heapBytes, rssBytes, activeResources } = await server.readCollectedUsage()
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
  const files = readFiles(server.pid)
  const lagSeconds = readMetric(metrics, 'nodejs_eventloop_lag_p99_seconds')
  return {
    minutes: (performance.now() - startMs) / 60_000,
    rssMegabytes: rssBytes / 1024 ** 2,
    heapMegabytes: heapBytes / 1024 ** 2,
    sockets: files?.filter((target) => target.startsWith('socket:')).length ?? null,
    files: files?.length ?? null,
    timers: activeResources.filter((name) => name === 'Timeout').length,
    handles: activeResources.filter((name) => name !== 'Timeout' && name !== 'Immediate').length,
    loopLagP99Ms: lagSeconds === null ? null : lagSeconds * 1000,
    streamsOpen: readMetric(metrics, 'sluice_streams_open'),
  }
}

/** What every open file of the process is; null where the system has no /proc. */
function readFiles(pid: number): string[] | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${name}`)]
      } catch {
        return []
      }
    })
  } catch {
    return null
  }
}

/** The sum of a metric's series; null when there is none. */
function readMetric(text: string, name: string): number | null {
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].map(([, value]) =>
    Number(value),
  )
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)
}
