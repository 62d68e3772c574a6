// JSON parsed without losing digits: whole numbers that no double holds (ids among the arguments of tools, mostly) are
// written again as they came. It must not be used for numbers to reckon with.

declare global {
  interface JSON {
    /** https://github.com/tc39/proposal-json-parse-with-source */
    rawJSON(text: string): object
  }
}

/** Something in it looks like such a number; fractions have as many digits, and no harm comes to them. */
const longInteger = /[:[,\s-]\d{16,}[\s,\]}]/

/**
 * As JSON.parse, but for integers beyond 2^53: they are opaque objects that JSON.stringify writes digit by digit.
 * Throws SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  return longInteger.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

function keepDigits(_key: string, value: unknown, context?: Readonly<{ source?: string }>): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? JSON.rawJSON(source) : value
}
