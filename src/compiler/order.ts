// The two orders everything is decided and listed by. Never a locale's: the same on every machine.

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export type Aged = Readonly<{ id: string; createdMs: number }>

/** Oldest `creationTimestamp` first, then `namespace/name`: who wins a conflict (Gateway API's rule). */
export function compareAge(a: Aged, b: Aged): number {
  return a.createdMs === b.createdMs ? compareText(a.id, b.id) : a.createdMs - b.createdMs
}
