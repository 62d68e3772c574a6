// The simulator's tokens: four characters of a word, with the white space before them. Not any real tokenizer.

const tokenPattern = /\s*\S{1,4}|\s+$/gu

/** The pieces of a text; joined again they are the text. */
export function splitTokens(text: string): string[] {
  return text.match(tokenPattern) ?? []
}

export function countTokens(text: string): number {
  return splitTokens(text).length
}
