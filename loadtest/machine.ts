// What the numbers were made on, and what it allows.
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

export type Machine = Readonly<{
  processor: string
  cores: number
  memoryGigabytes: number
  system: string
  node: string
}>

export function readMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release()}`,
    node: process.version,
  }
}

/** Open files a process may have; Node raises itself to the hard limit. Infinity where nobody says. */
export function readFileLimit(): number {
  try {
    const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim())
    return Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
