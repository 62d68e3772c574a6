// What a backend says it used, in OpenAI's `usage` object. Untrusted: anything odd is simply not counted.
import { isRecord } from '../is-record.ts'

export type TokenUsage = Readonly<{ input: number; output: number; cachedInput: number; reasoning: number }>

/** Reads the `usage` of a parsed answer or event; null when there is none. Responses API names are read too. */
export function parseUsage(answer: unknown): TokenUsage | null {
  const usage = readObject(readObject(answer)?.usage) ?? readObject(readObject(readObject(answer)?.response)?.usage)
  if (usage === null) return null
  const inputDetails = readObject(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const outputDetails = readObject(usage.completion_tokens_details ?? usage.output_tokens_details)
  return {
    input: readCount(usage.prompt_tokens ?? usage.input_tokens),
    output: readCount(usage.completion_tokens ?? usage.output_tokens),
    cachedInput: readCount(inputDetails?.cached_tokens),
    reasoning: readCount(outputDetails?.reasoning_tokens),
  }
}

const usageName = Buffer.from('"usage"')
/** Usage objects are a few hundred bytes. */
const maxUsageBytes = 4096

/**
 * Reads the `usage` object near the end of a unary answer: the rest may be megabytes, and even this part is read by
 * its names instead of parsed, which costs a tenth.
 */
export function scanUsage(body: Buffer): TokenUsage | null {
  const at = body.lastIndexOf(usageName)
  if (at < 0) return null
  const open = body.indexOf(0x7b, at)
  if (open < 0 || open - at > 32) return null
  const end = findObjectEnd(body, open)
  if (end < 0) return null
  const text = body.toString('latin1', open, end)
  return {
    input: scanCount(text, '"prompt_tokens"') ?? scanCount(text, '"input_tokens"') ?? 0,
    output: scanCount(text, '"completion_tokens"') ?? scanCount(text, '"output_tokens"') ?? 0,
    cachedInput: scanCount(text, '"cached_tokens"') ?? 0,
    reasoning: scanCount(text, '"reasoning_tokens"') ?? 0,
  }
}

/** Usage objects hold only numbers and small objects: braces count, strings can't hide one. -1: no end in sight. */
function findObjectEnd(body: Buffer, open: number): number {
  const limit = Math.min(body.length, open + maxUsageBytes)
  let depth = 0
  for (let at = open; at < limit; at++) {
    const byte = body[at]
    if (byte === 0x7b) depth++
    else if (byte === 0x7d && --depth === 0) return at + 1
  }
  return -1
}

/** The whole number behind a name, or null where there is none. */
function scanCount(text: string, name: string): number | null {
  const nameAt = text.indexOf(name)
  if (nameAt < 0) return null
  let at = nameAt + name.length
  while (isSpaceOrColon(text.charCodeAt(at))) at++
  const start = at
  let count = 0
  for (; at - start < 15; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (!(digit >= 0 && digit <= 9)) break
    count = count * 10 + digit
  }
  return at === start ? null : count
}

function isSpaceOrColon(code: number): boolean {
  return code === 0x3a || code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return isRecord(value) ? value : null
}

function readCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0
}
