// Verifies AWS Signature Version 4 from its description, not with a signer's code.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto'
import type { BackendRequest } from './scripted-family.ts'

export type AwsKeys = Readonly<{ accessKeyId: string; secretAccessKey: string; sessionToken: string; region: string }>

/** Null: the signature is right; otherwise what is wrong. */
export function verifySignature(request: BackendRequest, keys: AwsKeys): string | null {
  const { headers, url, body } = request
  const header = (name: string) => String(headers[name] ?? '')
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/bedrock\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
  const [, accessKeyId, day, region, signedNames = '', signature] = pattern.exec(header('authorization')) ?? []
  if (day === undefined || region === undefined) return 'no AWS4-HMAC-SHA256 authorization for bedrock'
  if (accessKeyId !== keys.accessKeyId || region !== keys.region) return `credential ${accessKeyId} in ${region}`
  const date = header('x-amz-date')
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(Date.now() - at) < 5 * 60_000) || !date.startsWith(day)) return `x-amz-date ${date}`
  const names = signedNames.split(';')
  if (names.join() !== [...names].sort().join()) return 'signed headers are not sorted'
  for (const name of ['host', 'x-amz-date', 'x-amz-security-token']) {
    if (!names.includes(name)) return `${name} is not signed`
  }
  if (header('x-amz-security-token') !== keys.sessionToken) return 'wrong session token'
  const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
  const sent = header('x-amz-content-sha256')
  if (sent !== '' && sent !== sha256(body)) return 'x-amz-content-sha256 is not that of the body'
  const [path = '', query = ''] = url.split('?')
  const canonical = [
    'POST',
    // Every service but S3 encodes the path once more.
    path
      .split('/')
      .map((part) => encode(part))
      .join('/'),
    query,
    ...names.map((name) => `${name}:${header(name).trim().replace(/ +/g, ' ')}`),
    '',
    signedNames,
    sha256(body),
  ].join('\n')
  const scope = `${day}/${region}/bedrock/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  let key: string | Buffer = `AWS4${keys.secretAccessKey}`
  for (const part of [day, region, 'bedrock', 'aws4_request']) key = createHmac('sha256', key).update(part).digest()
  const expected = createHmac('sha256', key).update(toSign).digest('hex')
  return signature === expected ? null : 'The request signature we calculated does not match'
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}
