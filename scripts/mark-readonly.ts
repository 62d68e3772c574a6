// Puts `readonly` before every field and array of generated interfaces. Works on text, because the generator has no
// such option. It knows only what json-schema-to-typescript writes.

/** Marks fields and arrays readonly. The source is formatted TypeScript: one field a line, comments in blocks. */
export function markReadonly(source: string): string {
  const comments: string[] = []
  const bare = source.replace(/\/\*\*[\s\S]*?\*\//g, (comment) => `\u0000${comments.push(comment) - 1}\u0000`)
  const withArrays = markArrays(bare)
  const withFields = withArrays.replace(/^(\s+)((?:\w+|'[^']+'|\[k: string\])\??: )/gm, '$1readonly $2')
  return withFields.replace(/\0(\d+)\0/g, (_, index) => comments[Number(index)] ?? '')
}

function markArrays(source: string): string {
  const starts = [...source.matchAll(/\[\]/g)].map(({ index }) => findElementStart(source, index))
  return starts
    .sort((left, right) => right - left)
    .reduce((text, start) => `${text.slice(0, start)}readonly ${text.slice(start)}`, source)
}

/** Where the element type that ends before `end` begins: an object, a parenthesis or one word. */
function findElementStart(text: string, end: number): number {
  let index = end - 1
  const closing = text[index]
  const opening = closing === '}' ? '{' : closing === ')' ? '(' : null
  if (opening === null) {
    while (/[\w.]/.test(text[index - 1] ?? '')) index--
    return index
  }
  for (let depth = 1; depth > 0 && index > 0; ) {
    index--
    if (text[index] === closing) depth++
    if (text[index] === opening) depth--
  }
  return index
}
