// Names of documents as Converse demands them: letters, digits, single spaces, hyphens, brackets; each once in a request.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html

const maxLength = 200

/** Names the documents of one request. */
export class DocumentNames {
  readonly #taken = new Set<string>()

  /** `fileName`: the client's, null for none. Its extension goes: the format says it. */
  add(fileName: string | null): string {
    const plain = (fileName ?? '')
      .replace(/\.[A-Za-z0-9]{1,5}$/, '')
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/[^A-Za-z0-9\-()[\] ]+/g, ' ')
      .replace(/ +/g, ' ')
      .trim()
    const base = plain === '' ? 'document' : plain.slice(0, maxLength - 8).trim()
    let name = base
    for (let count = 2; this.#taken.has(name); count++) name = `${base} (${count})`
    this.#taken.add(name)
    return name
  }
}
