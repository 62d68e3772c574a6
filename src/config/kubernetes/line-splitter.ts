// Cuts a byte stream into lines as it arrives. A line that comes in a thousand chunks is joined once: linear work.

const lineFeed = 10

export class LineSplitter {
  readonly #limitBytes: number
  #parts: Buffer[] = []
  #pendingBytes = 0

  /** `limitBytes`: the longest line that is kept, so that a stream without line ends can't fill the memory. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Calls `onLine` for each line that ends in this chunk, without its line end. Throws a RangeError past the limit. */
  push(chunk: Buffer, onLine: (line: string) => void): void {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      const line = this.#take(chunk.subarray(start, end))
      start = end + 1
      onLine(line)
    }
    if (start < chunk.length) this.#keep(start === 0 ? chunk : chunk.subarray(start))
  }

  #keep(part: Buffer): void {
    this.#pendingBytes += part.length
    if (this.#pendingBytes > this.#limitBytes) throw new RangeError(`a line is longer than ${this.#limitBytes} bytes`)
    this.#parts.push(part)
  }

  #take(last: Buffer): string {
    if (this.#parts.length === 0) return last.toString('utf8')
    this.#keep(last)
    // Joined before it is decoded: a character may be cut by a chunk's end.
    const line = Buffer.concat(this.#parts, this.#pendingBytes).toString('utf8')
    this.#parts = []
    this.#pendingBytes = 0
    return line
  }
}
