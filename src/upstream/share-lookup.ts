// One name lookup for all who ask for the same name at the same time: lookups wait in a pool of four threads, and a slow
// name server must not keep other backends from being found (G2). Nothing is kept: who asks afterwards asks anew.
import type { LookupAddress, LookupAllOptions } from 'node:dns'

export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Who asks later than this does not wait for one that hangs. Milliseconds. */
const joinMs = 2_000

type Pending = Readonly<{ startedAt: number; waiting: Parameters<LookupAll>[2][] }>

/** `now`: milliseconds. Askers of one name must use the same options. */
export function shareLookup(lookup: LookupAll, now: () => number = () => performance.now()): LookupAll {
  const pending = new Map<string, Pending>()
  return (hostname, options, callback) => {
    const present = pending.get(hostname)
    if (present !== undefined && now() - present.startedAt < joinMs) {
      present.waiting.push(callback)
      return
    }
    const mine: Pending = { startedAt: now(), waiting: [callback] }
    pending.set(hostname, mine)
    lookup(hostname, options, (error, addresses) => {
      if (pending.get(hostname) === mine) pending.delete(hostname)
      for (const answer of mine.waiting) answer(error, addresses)
    })
  }
}
