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

/** Parses only the `usage` object near the end of a unary answer: the rest may be megabytes. */
export function scanUsage(body: Buffer): TokenUsage | null {
  const at = body.lastIndexOf(usageName)
  if (at < 0) return null
  const open = body.indexOf(0x7b, at)
  if (open < 0 || open - at > 32) return null
  // Usage objects hold only numbers and small objects: braces count, strings can't hide one.
  let depth = 0
  for (let end = open; end < body.length && end - open < 4096; end++) {
    const byte = body[end]
    if (byte === 0x7b) depth++
    else if (byte === 0x7d && --depth === 0)
      return parseUsage({ usage: parseJson(body.toString('utf8', open, end + 1)) })
  }
  return null
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
