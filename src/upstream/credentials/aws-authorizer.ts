// Signs requests for AWS (Signature Version 4), with AWS's own signer: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
// What is signed is what is sent: method, path and query as they stand, host, content type, AWS's headers, the body.
import { Hash } from '@smithy/hash-node'
import { SignatureV4 } from '@smithy/signature-v4'
import { GatewayError } from '../../errors/gateway-error.ts'
import { parseAwsCredentials, readAwsRegion } from '../../providers/parse-aws-credentials.ts'
import type { Authorizer } from './authorizer.ts'

/** What the signature adds; nothing of the kind that stands in a request is sent beside it. */
const signatureNames = new Set(['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'])

class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super('sha256', secret)
  }
}

/**
 * `secret`: as `parseAwsCredentials` reads it. `hostname`: the endpoint's. `now`: milliseconds. Never throws: a bad
 * secret, and a region that nobody names, are told by `authorize`.
 */
export function createAwsAuthorizer(secret: string, hostname: string, now: () => number = Date.now): Authorizer {
  const signer = createSigner(secret, hostname)
  return {
    async authorize(request) {
      if (signer instanceof GatewayError) throw signer
      const { method, path, headers, body } = request
      if (body !== null && !Buffer.isBuffer(body)) throw new GatewayError('internal_error', 'a streamed body to sign')
      const queryAt = path.indexOf('?')
      const signed = await signer.sign(
        {
          method,
          protocol: 'https:',
          hostname,
          path: queryAt < 0 ? path : path.slice(0, queryAt),
          query: readQuery(queryAt < 0 ? '' : path.slice(queryAt + 1)),
          headers: pickSignedHeaders(headers),
          ...(body === null ? {} : { body }),
        },
        { signingDate: new Date(now()) },
      )
      return { ...request, headers: addSignature(headers, signed.headers) }
    },
    close() {},
  }
}

function createSigner(secret: string, hostname: string): SignatureV4 | GatewayError {
  const { credentials, problem } = parseAwsCredentials(secret)
  if (problem !== null) return new GatewayError('upstream_error', `AWS credentials: ${problem}`)
  const region = credentials.region ?? readAwsRegion(hostname)
  if (region === null) return new GatewayError('upstream_error', 'AWS credentials: no region is known')
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return new SignatureV4({
    // What Bedrock's runtime is called in signatures: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
    service: 'bedrock',
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
    sha256: Sha256,
    // The path is encoded as it is sent; all services but S3 sign it encoded once more.
    uriEscapePath: true,
  })
}

/** Those a proxy on the way leaves alone: the rest may be changed without the signature breaking. */
function pickSignedHeaders(headers: readonly string[]): Record<string, string> {
  const signed: Record<string, string> = {}
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase()
    const isSigned = name === 'host' || name === 'content-type' || name.startsWith('x-amz-')
    if (!isSigned || signatureNames.has(name)) continue
    const value = headers[at + 1] ?? ''
    signed[name] = signed[name] === undefined ? value : `${signed[name]},${value}`
  }
  return signed
}

function addSignature(headers: readonly string[], signed: Readonly<Record<string, string>>): string[] {
  const out: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (!signatureNames.has(name.toLowerCase())) out.push(name, headers[at + 1] ?? '')
  }
  for (const name of signatureNames) {
    const value = signed[name]
    if (value !== undefined) out.push(name, value)
  }
  return out
}

function readQuery(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {}
  if (text === '') return query
  const parameters = new URLSearchParams(text)
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name)
    query[name] = values.length === 1 ? (values[0] ?? '') : values
  }
  return query
}
