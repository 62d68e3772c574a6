// What a backend says it used, in OpenAI's `usage` object or Anthropic's. Untrusted: anything odd is simply not counted.
import { isRecord } from '../is-record.ts'

/** Whole numbers from 0 to a trillion. */
export type TokenUsage = Readonly<{ input: number; output: number; cachedInput: number; reasoning: number }>

/** What nobody uses in one answer: a larger number counts as this one, so that sums stay exact. */
const maxCount = 1e12

/** Reads the `usage` of a parsed answer or event; null when there is none, or nothing in it counts tokens. Responses API names are read too. */
export function parseUsage(answer: unknown): TokenUsage | null {
  const usage = readObject(readObject(answer)?.usage) ?? readObject(readObject(readObject(answer)?.response)?.usage)
  if (usage === null) return null
  return createFromObject(usage)
}

/**
 * Of a stream whose `usage` stands in several events. Anthropic says what came in at the start (with the first few
 * tokens that went out), and both at the end: the larger count is the true one. Others say all of it in the last.
 */
export function parseStreamUsage(first: unknown, last: unknown): TokenUsage | null {
  const started = readObject(first)
  const begun = started?.type === 'message_start' ? readObject(readObject(started.message)?.usage) : null
  if (begun === null) return parseUsage(last)
  const { output_tokens: _, ...input } = begun
  const ended = readObject(readObject(last)?.usage) ?? {}
  const usage: Record<string, unknown> = { ...input, ...ended }
  for (const name of anthropicInputNames) {
    usage[name] = Math.max(readCount(begun[name]) ?? 0, readCount(ended[name]) ?? 0)
  }
  return createFromObject(usage)
}

/** https://docs.claude.com/en/api/messages: `input_tokens` are only those that no cache had to do with. */
const cacheReadName = 'cache_read_input_tokens'
const cacheWriteName = 'cache_creation_input_tokens'
const anthropicInputNames = ['input_tokens', cacheReadName, cacheWriteName]

function createFromObject(usage: Readonly<Record<string, unknown>>): TokenUsage | null {
  const inputDetails = readObject(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const outputDetails = readObject(usage.completion_tokens_details ?? usage.output_tokens_details)
  const output = readCount(usage.completion_tokens ?? usage.output_tokens)
  // Rerankers have only a total.
  const input =
    readCount(usage.prompt_tokens ?? usage.input_tokens) ?? (output === null ? readCount(usage.total_tokens) : null)
  const cached = readCount(inputDetails?.cached_tokens)
  const reasoning = readCount(outputDetails?.reasoning_tokens ?? outputDetails?.thinking_tokens)
  if (readCount(usage.prompt_tokens) !== null) return createUsage(input, output, cached, reasoning)
  const read = readCount(usage[cacheReadName])
  return createUsage(addCounts(input, read, readCount(usage[cacheWriteName])), output, read ?? cached, reasoning)
}

function addCounts(input: number | null, read: number | null, written: number | null): number | null {
  return read === null && written === null ? input : Math.min((input ?? 0) + (read ?? 0) + (written ?? 0), maxCount)
}

const usageName = Buffer.from('"usage"')
/** Usage objects are a few hundred bytes. */
const maxUsageBytes = 4096

/** Objects of that name that are looked at; of a known backend's answer the last is the one. */
const maxCandidates = 16

/**
 * Reads the answer's own `usage` object near the end of a unary answer: the rest may be megabytes, and even this part is
 * read by its names instead of parsed, which costs a tenth. Others of that name are not counted: backends repeat what a
 * client said (`user`, `metadata`, `tools`), and whoever could hide the true one would pay for nothing.
 */
export function scanUsage(body: Buffer): TokenUsage | null {
  let candidates = 0
  for (let at = findUsage(body, body.length); at >= 0 && candidates < maxCandidates; at = findUsage(body, at)) {
    let open = at + usageName.length
    while (isSpaceOrColon(body[open])) open++
    if (body[open] !== 0x7b) continue
    candidates++
    const end = findObjectEnd(body, open)
    if (end >= 0 && isOutermost(body, end)) return readUsage(body.toString('latin1', open, end))
  }
  return null
}

/** The last one that begins before `end`; -1: none. */
function findUsage(body: Buffer, end: number): number {
  return end === 0 ? -1 : body.lastIndexOf(usageName, end - 1)
}

/** What follows a member of the answer itself closes one brace, and that with its last byte. */
function isOutermost(body: Buffer, from: number): boolean {
  let depth = 1
  let isText = false
  for (let at = from; at < body.length; at++) {
    const byte = body[at]
    if (isText) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) isText = false
    } else if (depth === 0) {
      if (!isSpaceOrColon(byte)) return false
    } else if (byte === 0x22) isText = true
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return depth === 0
}

function readUsage(text: string): TokenUsage | null {
  const output = scanCount(text, '"completion_tokens"') ?? scanCount(text, '"output_tokens"')
  const prompt = scanCount(text, '"prompt_tokens"')
  const input = prompt ?? scanCount(text, '"input_tokens"')
  const read = prompt === null ? scanCount(text, `"${cacheReadName}"`) : null
  const written = prompt === null ? scanCount(text, `"${cacheWriteName}"`) : null
  return createUsage(
    addCounts(input ?? (output === null ? scanCount(text, '"total_tokens"') : null), read, written),
    output,
    read ?? scanCount(text, '"cached_tokens"'),
    scanCount(text, '"reasoning_tokens"') ?? scanCount(text, '"thinking_tokens"'),
  )
}

function createUsage(
  input: number | null,
  output: number | null,
  cachedInput: number | null,
  reasoning: number | null,
): TokenUsage | null {
  if (input === null && output === null) return null
  return { input: input ?? 0, output: output ?? 0, cachedInput: cachedInput ?? 0, reasoning: reasoning ?? 0 }
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

/** The count behind a name, or null where there is none. */
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
  if (at === start) return null
  const next = text.charCodeAt(at)
  // A point, an exponent, a sixteenth digit: as rare as strange.
  const isOdd = next === 0x2e || (next | 0x20) === 0x65 || (next >= 0x30 && next <= 0x39)
  return isOdd ? readCount(Number.parseFloat(text.slice(start, start + 400))) : Math.min(count, maxCount)
}

function isSpaceOrColon(code: number | undefined): boolean {
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

function readCount(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? Math.min(Math.floor(value), maxCount) : null
}
