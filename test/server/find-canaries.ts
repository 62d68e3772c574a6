// Finds planted secrets in what was written, however they were encoded on the way.

/** The canary as it is, in base64 and hexadecimal wherever it starts in what was encoded, and in a URL. */
function listForms(canary: string): readonly string[] {
  const forms = [
    canary,
    encodeURIComponent(canary),
    JSON.stringify(canary).slice(1, -1),
    Buffer.from(canary).toString('hex'),
  ]
  for (let shift = 0; shift < 3; shift++) {
    const encoded = Buffer.from('x'.repeat(shift) + canary).toString('base64')
    // The first and last characters also depend on what stands around.
    const inner = encoded.slice(shift === 0 ? 0 : 4, encoded.length - 4)
    forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return [...new Set(forms)]
}

/** Which of `canaries` (by name; all, or only `names`) are in the text in any form. */
export function findCanaries(
  canaries: Readonly<Record<string, string>>,
  text: string,
  names: readonly string[] = Object.keys(canaries),
): readonly string[] {
  return names.filter((name) => listForms(canaries[name] ?? '').some((form) => text.includes(form)))
}
