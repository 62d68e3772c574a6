// A backend's `retry-after`, untrusted: how long it wants to be left alone.

/**
 * Milliseconds from now; null: it says nothing. What can't be read, or lies in the past, is 0: it wants some time, but
 * not which. Seconds or a date, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3; `retry-after-ms` is OpenAI's.
 * `headers`: flat name/value pairs, names in lower case. `nowMs`: Unix time.
 */
export function readRetryAfterMs(headers: readonly string[], nowMs: number): number | null {
  const precise = readHeader(headers, 'retry-after-ms')
  if (precise !== null && /^[0-9]{1,9}$/.test(precise)) return Number(precise)
  const value = readHeader(headers, 'retry-after')
  if (value === null) return null
  if (/^[0-9]{1,30}(?:\.[0-9]{1,9})?$/.test(value)) return Number(value) * 1_000
  const at = value.endsWith('GMT') ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs)
}

function readHeader(headers: readonly string[], name: string): string | null {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) return headers[at + 1] ?? null
  return null
}
