// Puts processes on cores: the proxy alone on one, load and backend on another. Where that can't be done it says so.
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export type Pinning = Readonly<{ proxyCore: number | null; loadCore: number | null; text: string }>

/** Pins this process, and so what it starts without a core of its own, to the load core. */
export function pinLoad(): Pinning {
  if (availableParallelism() < 2) return unpinned('one core only')
  try {
    execFileSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'pipe' })
  } catch {
    return unpinned('no taskset')
  }
  return { proxyCore: 0, loadCore: 1, text: 'proxy on core 0, load and backend on core 1' }
}

function unpinned(why: string): Pinning {
  return { proxyCore: null, loadCore: null, text: `UNPINNED (${why}): proxies and load share cores, read with care` }
}
