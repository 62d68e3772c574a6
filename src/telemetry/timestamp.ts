// The time as log lines have it: ISO 8601 in UTC. What changes once a second is rendered once a second.

let second = Number.NaN
let prefix = ''

/** `2026-11-22T14:45:26.096Z` */
export function readTimestamp(nowMs = Date.now()): string {
  const nowSecond = Math.floor(nowMs / 1000)
  if (nowSecond !== second) {
    second = nowSecond
    prefix = new Date(nowSecond * 1000).toISOString().slice(0, 20)
  }
  return `${prefix}${String(nowMs - nowSecond * 1000).padStart(3, '0')}Z`
}
