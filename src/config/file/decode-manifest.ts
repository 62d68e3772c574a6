// Bytes of a manifest file → text. Refuses what no editor should have written; parses nothing.

/** Larger than any manifest by hand or by `kubectl get -o yaml` of thousands of objects. */
export const maxManifestBytes = 16 * 1024 * 1024

export type DecodedManifest =
  | Readonly<{ text: string; problem: null }>
  | Readonly<{ text: null; problem: Readonly<{ line: number; reason: string }> }>

/** UTF-8 text without its byte order mark, or the reason why the bytes are no manifest. Never throws. */
export function decodeManifest(bytes: Uint8Array): DecodedManifest {
  if (bytes.byteLength > maxManifestBytes) return refuse(1, describeTooLarge(bytes.byteLength))
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const lossy = new TextDecoder('utf-8').decode(bytes)
    return refuse(lineAt(lossy, lossy.indexOf('\ufffd')), 'is not UTF-8 text')
  }
  const nul = text.indexOf('\0')
  if (nul !== -1) return refuse(lineAt(text, nul), 'holds a NUL character: it is not UTF-8 text')
  return { text, problem: null }
}

/** The reason for a file that is not even read. */
export function describeTooLarge(sizeBytes: number): string {
  return `is too large: ${sizeBytes} bytes, ${maxManifestBytes} at most`
}

function refuse(line: number, reason: string): DecodedManifest {
  return { text: null, problem: { line, reason } }
}

function lineAt(text: string, index: number): number {
  return text.slice(0, Math.max(0, index)).split('\n').length
}
