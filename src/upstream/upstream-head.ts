// The status and headers of a backend's answer, checked.

export type UpstreamHead = Readonly<{
  status: number
  /** Flat name/value pairs, names in lower case, ready for the client (hop-by-hop and our own left out). */
  headers: string[]
  /** Media type in lower case without parameters, or empty. */
  mediaType: string
  /** Compressed, or otherwise encoded: its bytes can't be read as its media type says. */
  isEncoded: boolean
  contentLength: number | null
  /** Neither Content-Length nor chunked: only the close of the connection ends the body, a cut looks the same. */
  isCloseDelimited: boolean
}>
