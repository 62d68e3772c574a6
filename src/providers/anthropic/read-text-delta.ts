// Reads the text out of the event that streams are made of, without parsing it as JSON: half of what decoding costs.
// Whatever is not written just so is left to the parser.

const before = '{"type":"content_block_delta","index":'
const between = ',"delta":{"type":"text_delta","text":"'

/** Null: it is another event, or one whose text has escapes. */
export function readTextDelta(data: string): string | null {
  if (!data.startsWith(before)) return null
  let at = before.length
  while (isDigit(data.charCodeAt(at))) at++
  if (!data.startsWith(between, at)) return null
  const start = at + between.length
  const end = data.indexOf('"', start)
  if (end < 0 || !closesBoth(data, end + 1)) return null
  const text = data.slice(start, end)
  return text.includes('\\') ? null : text
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Two braces are left, and the spaces that Anthropic puts between them. */
function closesBoth(data: string, from: number): boolean {
  let braces = 0
  for (let at = from; at < data.length; at++) {
    const code = data.charCodeAt(at)
    if (code === 0x7d) braces++
    else if (code !== 0x20) return false
  }
  return braces === 2
}
