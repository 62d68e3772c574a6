// Flag texts to values. Each reader throws a FlagError whose one line says what was wanted; the caller names the flag.

import { existsSync, readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { parseDurationMs } from '../compiler/parse-duration.ts'
import type { ListenAddress, ResolveOverride } from '../settings.ts'
import { addCidr } from '../upstream/address-guard.ts'

export class FlagError extends Error {}

/** `HOST:PORT`, `[::1]:8080`, `:8080` (every address). */
export function readListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw new FlagError(`'${text}' is not HOST:PORT`)
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

/** `HOST[:PORT]=ADDR:PORT` */
export function readResolveOverride(text: string): ResolveOverride {
  const match = /^([^=:]+)(?::(\d{1,5}))?=(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+|localhost)):(\d{1,5})$/.exec(text)
  const address = match?.[3] ?? match?.[4]?.replace('localhost', '127.0.0.1') ?? ''
  if (match === null || isIP(address) === 0) throw new FlagError(`'${text}' is not HOST[:PORT]=ADDR:PORT`)
  const port = match[2] === undefined ? null : Number(match[2])
  return { hostname: (match[1] ?? '').toLowerCase(), port, address, addressPort: Number(match[5]) }
}

/** A name that the API server would take (RFC 1123 label): a misspelt one is never there, and the gateway would serve nothing. */
export function readNamespaceName(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) throw new FlagError(`'${text}' is not a namespace's name`)
  return text
}

/** Throws FlagError where there is neither file nor folder. */
export function checkPathExists(flag: string, path: string): void {
  if (!existsSync(path)) throw new FlagError(`--${flag}: '${path}' does not exist`)
}

export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new FlagError(`'${path}' can't be read`)
  }
}

/** Go durations: `30s`, `1m30s`, `0`. */
export function readDurationMs(text: string): number {
  try {
    return parseDurationMs(text)
  } catch {
    throw new FlagError(`'${text}' is not a duration such as 500ms, 30s or 2m`)
  }
}

export function readCidr(text: string): string {
  try {
    addCidr(new BlockList(), text)
  } catch {
    throw new FlagError(`'${text}' is not an address or CIDR such as 10.0.0.0/8`)
  }
  return text
}

const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
}

/** `32MiB`, `1048576`, `10M`. */
export function readBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(|K|M|G|Ki|Mi|Gi)B?$/.exec(text)
  const bytes = Math.floor(Number(match?.[1]) * (sizeUnits[match?.[2] ?? ''] ?? Number.NaN))
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw new FlagError(`'${text}' is not a size such as 32MiB`)
  return bytes
}

export function readChoice<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text)
    if (choice === undefined) throw new FlagError(`'${text}' is not one of ${choices.join(', ')}`)
    return choice
  }
}
