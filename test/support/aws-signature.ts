// AWS Signature Version 4 from its description, with no signer's code: what a request should have been signed with.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto'

export type SignedRequest = Readonly<{
  method: string
  /** As on the wire, query included. */
  target: string
  headers: Readonly<Record<string, string>>
  body: Buffer
}>

export type AwsScope = Readonly<{ service: string; region: string; secretAccessKey: string }>

/** What the `authorization` header of a request says. */
export function readAuthorization(value: string): Readonly<{ credential: string; names: string; signature: string }> {
  const [, credential = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=(\S+), ?SignedHeaders=(\S+), ?Signature=([0-9a-f]{64})$/.exec(value) ?? []
  return { credential, names, signature }
}

/** Hex. `names`: of the headers that are signed, joined by semicolons; the date is `x-amz-date`'s. */
export function computeAwsSignature(request: SignedRequest, names: string, scope: AwsScope): string {
  const { method, target, headers, body } = request
  const [path = '', query = ''] = target.split('?')
  const date = headers['x-amz-date'] ?? ''
  const day = date.slice(0, 8)
  const canonicalHeaders = names
    .split(';')
    .map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`)
  const canonical = [
    method,
    // Encoded as it was sent, and once more: all services but S3.
    path.split('/').map(encode).join('/'),
    query.split('&').sort().join('&'),
    canonicalHeaders.join(''),
    names,
    sha256(body),
  ].join('\n')
  const { service, region, secretAccessKey } = scope
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n')
  let key: string | Buffer = `AWS4${secretAccessKey}`
  for (const step of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(step).digest()
  return createHmac('sha256', key).update(toSign).digest('hex')
}

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** RFC 3986's unreserved characters stay. */
function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9_.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
