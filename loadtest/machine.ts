// What the numbers were made on.
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
