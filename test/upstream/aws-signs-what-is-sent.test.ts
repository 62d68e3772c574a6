// C: requests to AWS carry a signature over what is sent. The check is our own, and held against the vectors of AWS.
import { expect, test } from 'vitest'
import { createAwsAuthorizer } from '../../src/upstream/credentials/aws-authorizer.ts'
import type { UpstreamRequest } from '../../src/upstream/upstream-request.ts'
import { computeAwsSignature, readAuthorization, sha256 } from '../support/aws-signature.ts'

// https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-test-suite.html, and the example of the page on signing.
const exampleKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const date = '20150830T123600Z'
const host = 'example.amazonaws.com'
const form = 'application/x-www-form-urlencoded'

test.each([
  [
    'get-vanilla',
    'GET',
    '/',
    { host, 'x-amz-date': date },
    '',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'post-vanilla',
    'POST',
    '/',
    { host, 'x-amz-date': date },
    '',
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    { host, 'x-amz-date': date },
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'post-x-www-form-urlencoded',
    'POST',
    '/',
    { 'content-type': form, host, 'x-amz-date': date },
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
])('the check computes AWS’s own vector %s', (_name, method, target, headers, body, signature) => {
  const request = { method, target, headers, body: Buffer.from(body) }
  const scope = { service: 'service', region: 'us-east-1', secretAccessKey: exampleKey }
  expect(computeAwsSignature(request, Object.keys(headers).join(';'), scope)).toBe(signature)
})

test('the check computes the example of AWS’s documentation', () => {
  const headers = { 'content-type': `${form}; charset=utf-8`, host: 'iam.amazonaws.com', 'x-amz-date': date }
  const request = { method: 'GET', target: '/?Action=ListUsers&Version=2010-05-08', headers, body: Buffer.alloc(0) }
  const scope = { service: 'iam', region: 'us-east-1', secretAccessKey: exampleKey }
  expect(computeAwsSignature(request, 'content-type;host;x-amz-date', scope)).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})

const now = () => Date.parse('2026-11-22T20:00:05Z')
const hostname = 'bedrock-runtime.eu-west-1.amazonaws.com'
const sentBody = Buffer.from('{"messages":"né"}')
const sent: UpstreamRequest = {
  method: 'POST',
  path: '/vpc%20base/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Fa.b-v1%3A0/converse?b=2&a=%2F',
  headers: [
    'host',
    hostname,
    'content-type',
    'application/json',
    'x-request-id',
    'r1',
    'x-amz-tag',
    'two  spaces',
    'X-Amz-Date',
    'theirs',
    'authorization',
    'theirs',
    'traceparent',
    '00-1',
  ],
  body: sentBody,
}

async function sign(secret: string, request = sent, name = hostname): Promise<Readonly<Record<string, string>>> {
  const { headers, ...rest } = await createAwsAuthorizer(secret, name, now).authorize(request)
  expect(rest).toEqual({ method: request.method, path: request.path, body: request.body })
  const pairs: [string, string][] = []
  for (let at = 0; at < headers.length; at += 2) pairs.push([(headers[at] ?? '').toLowerCase(), headers[at + 1] ?? ''])
  expect(new Set(pairs.map(([header]) => header)).size).toBe(pairs.length)
  return Object.fromEntries(pairs)
}

test.each([
  ['JSON', JSON.stringify({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: exampleKey }), 'eu-west-1', undefined],
  [
    'JSON with a session and a region',
    JSON.stringify({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: exampleKey,
      sessionToken: 'tok/+=',
      region: 'us-west-2',
    }),
    'us-west-2',
    'tok/+=',
  ],
  [
    'a profile',
    `[default]\r\n; a comment\r\naws_access_key_id = AKIDEXAMPLE\r\naws_secret_access_key=${exampleKey}\r\naws_session_token = tok\r\n`,
    'eu-west-1',
    'tok',
  ],
])('a request is signed as it is sent: %s', async (_name, secret, region, token) => {
  const headers = await sign(secret)
  const { credential, names, signature } = readAuthorization(headers.authorization ?? '')
  expect(credential).toBe(`AKIDEXAMPLE/20261122/${region}/bedrock/aws4_request`)
  // What a proxy on the way may change is not signed.
  const signed = ['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token', 'x-amz-tag']
  expect(names.split(';')).toEqual(signed.filter((name) => token !== undefined || name !== 'x-amz-security-token'))
  expect(headers).toMatchObject({
    'x-amz-date': '20261122T200005Z',
    'x-amz-content-sha256': sha256(sentBody),
    'x-request-id': 'r1',
    traceparent: '00-1',
  })
  expect(headers['x-amz-security-token']).toBe(token)
  const request = { method: 'POST', target: sent.path, headers, body: sentBody }
  const scope = { service: 'bedrock', region, secretAccessKey: exampleKey }
  expect(signature).toBe(computeAwsSignature(request, names, scope))
  // Another byte of what is signed, another signature.
  const other = { ...request, target: request.target.replace('%2Fa', '%2Fb') }
  expect(computeAwsSignature(other, names, scope)).not.toBe(signature)
})

test('regions are read out of the names of endpoints', async () => {
  const secret = JSON.stringify({ accessKeyId: 'A', secretAccessKey: 'B' })
  for (const [name, region] of [
    ['bedrock-runtime.us-east-1.amazonaws.com', 'us-east-1'],
    ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['vpce-0a1b-2c.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com', 'ap-southeast-2'],
  ] as const) {
    const { credential } = readAuthorization((await sign(secret, sent, name)).authorization ?? '')
    expect(credential, name).toContain(`/${region}/bedrock/`)
  }
})

test.each([
  ['nothing', ''],
  ['a bare word', 'canary-secret'],
  ['JSON that is cut', '{"accessKeyId":"canary'],
  ['a list', '["canary"]'],
  ['half', '{"accessKeyId":"canary"}'],
  ['no text', '{"accessKeyId":7,"secretAccessKey":"canary"}'],
  ['a line end inside', '{"accessKeyId":"canary","secretAccessKey":"canary\\r\\nx: y"}'],
  ['two profiles without a default', '[canary]\naws_access_key_id=canary\n[canary2]\naws_access_key_id=canary'],
  ['no region', '{"accessKeyId":"canary","secretAccessKey":"canary"}'],
])('C: a credential that is none is an upstream error that names nothing of it: %s', async (_name, secret) => {
  const authorizer = createAwsAuthorizer(secret, 'gateway.internal.example', now)
  const error: unknown = await Promise.resolve()
    .then(() => authorizer.authorize(sent))
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'upstream_error', message: expect.stringContaining('AWS credentials: ') })
  expect(String(error)).not.toContain('canary')
})
