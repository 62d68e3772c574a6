// A2: systematic mutations of Transfer-Encoding beside a Content-Length. Each is refused without a byte upstream, or is
// one upstream request with one framing header and the whole body; the request hidden in the body is never run.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { type AbuseGateway, startAbuseGateway } from './abuse-gateway.ts'
import { readNext } from './send-with-marker.ts'

let gateway: AbuseGateway
beforeAll(async () => {
  gateway = await startAbuseGateway()
})
afterAll(() => gateway.stop())

const controls = [...Array(0x21).keys(), 0x7f, 0x80, 0x85, 0xa0, 0xad, 0xff].map((byte) => String.fromCharCode(byte))
const name = 'Transfer-Encoding'

/** Header lines in place of a good Transfer-Encoding line, line ends included. */
function mutate(): readonly string[] {
  const line = (text: string) => `${text}\r\n`
  const lines: string[] = []
  // Spelling of the name.
  const names = [
    'transfer-encoding',
    'TRANSFER-ENCODING',
    'tRANSFER-eNCODING',
    'Transfer_Encoding',
    'Transfer Encoding',
    'TransferEncoding',
    'Transfer--Encoding',
    'Transfer-Encodin',
    'Transfer-Encodings',
    'X-Transfer-Encoding',
    'Transfer-Encoding-',
    '-Transfer-Encoding',
    '"Transfer-Encoding"',
    '\u00d4ransfer-Encoding',
    'Tr\u00e4nsfer-Encoding',
    'Transfer\u00adEncoding',
    'TE',
    'Content-Transfer-Encoding',
    'Transfer.Encoding',
    'Transfer\\-Encoding',
  ]
  for (const spelled of names)
    for (const value of ['chunked', 'identity', 'CHUNKED']) lines.push(line(`${spelled}: ${value}`))
  // A byte inside, before and behind the name and the value.
  for (const byte of controls) {
    for (const at of [0, 1, 8, 9, name.length - 1, name.length]) {
      lines.push(line(`${name.slice(0, at)}${byte}${name.slice(at)}: chunked`))
    }
    for (const at of [0, 1, 4, 6, 7])
      lines.push(line(`${name}: ${'chunked'.slice(0, at)}${byte}${'chunked'.slice(at)}`))
    for (const gap of [`:${byte}`, `${byte}:`, `: ${byte}`, `:${byte} `, `${byte}: `, `:${byte}${byte}`])
      lines.push(line(`${name}${gap}chunked`))
    lines.push(line(`${name}: chunked ${byte}`), line(`${name}: chunked,${byte}`), line(`${name}: ${byte},chunked`))
    lines.push(`X: y${byte}${name}: chunked\r\n`, `${name}: chunked${byte}\n`, `${name}: chunked\r${byte}`)
  }
  // Values.
  const values = [
    'chunked',
    'Chunked',
    'CHUNKED',
    'cHuNkEd',
    'chunke',
    'chunkedd',
    'xchunked',
    'chunked-x',
    'chunk',
    'chunked;',
    'chunked;a=b',
    'chunked; a="b"',
    '"chunked"',
    "'chunked'",
    '(x)chunked',
    'chunked(x)',
    'chun ked',
    'chunked chunked',
    'identity',
    'identity, chunked',
    'chunked, identity',
    'gzip, chunked',
    'chunked, gzip',
    'gzip',
    'deflate, chunked',
    'chunked, chunked',
    'chunked,chunked',
    ',chunked',
    'chunked,',
    ', ,chunked',
    'chunked , ',
    '',
    ' ',
    '\t',
    'none',
    '0',
    'true',
    'chunked=',
    '=chunked',
    'chunked:',
    ':chunked',
    'x, chunked',
    'chunked, x',
    '%63hunked',
    '\\u0063hunked',
    'c\u0068unked\u200b',
    'cow',
    'compress, chunked',
    'trailers',
    'chunked\\',
    '/chunked',
    'chunked/1.1',
    '\u212a',
  ]
  for (const value of values)
    for (const gap of [':', ': ', ':\t', ':  ', ': \t ']) lines.push(line(`${name}${gap}${value}`))
  for (const value of values)
    lines.push(
      line(`${name}: ${value} `),
      line(`${name}: ${value}\t`),
      line(`${name}:\r\n ${value}`),
      line(`${name}: ${value}\r\n `),
    )
  // Two headers.
  const pairs = ['chunked', 'identity', 'gzip', 'CHUNKED', '', 'x', 'chunked ']
  for (const one of pairs) {
    for (const two of pairs) {
      lines.push(line(`${name}: ${one}`) + line(`${name}: ${two}`))
      lines.push(line(`${name}: ${one}`) + line(`transfer-encoding: ${two}`))
      lines.push(line(`${name}: ${one}`) + line('X-A: b') + line(`Transfer_Encoding: ${two}`))
    }
  }
  // Line ends and folds.
  for (const ending of [
    '\n',
    '\r',
    '\r\r\n',
    '\n\n',
    '\r\n\r',
    '\n\r',
    ' \r\n',
    '\r\n ',
    '\r\n\t',
    '\r\n \r\n',
    '\0\r\n',
    '\v\r\n',
  ]) {
    lines.push(
      `${name}: chunked${ending}`,
      `X: y${ending}${name}: chunked\r\n`,
      `${name}:${ending}chunked\r\n`,
      `${name}${ending}: chunked\r\n`,
    )
  }
  return [...new Set(lines)]
}

test('a thousand mutations and more, each before and behind the Content-Length', async () => {
  const lines = mutate()
  const cases = lines.flatMap((line) => [
    { line, isFirst: true },
    { line, isFirst: false },
  ])
  expect(cases.length).toBeGreaterThan(1_500)
  const hiddenRequest = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
  const body = `0\r\n\r\n${hiddenRequest}`
  const outcomes = { refused: 0, served: 0 }

  const runCase = async ({ line, isFirst }: (typeof cases)[number], index: number): Promise<void> => {
    const target = `/mutation-${index}`
    const length = `Content-Length: ${body.length}\r\n`
    const head = `POST ${target} HTTP/1.1\r\nHost: ${gateway.host}\r\n${isFirst ? line + length : length + line}\r\n`
    const client = await connectRaw(gateway.port)
    try {
      // The marker asks for the end of the connection, so that however the bytes are read there is one.
      const marker = `GET /marker HTTP/1.1\r\nHost: ${gateway.host}\r\nConnection: close\r\n\r\n`
      await client.write(Buffer.from(head + body + marker, 'latin1'))
      const label = JSON.stringify({ line, isFirst })
      const responses = []
      for (let next = await readNext(client, 'POST'); next !== null; next = await readNext(client, 'POST'))
        responses.push(next)
      const upstream = gateway.backend.requests.filter((request) => request.target === target)
      const [response] = responses
      if (response !== undefined && response.status === 200) {
        expect(upstream.length, label).toBe(1)
        const framing = upstream[0]?.message.rawHeaders.filter(([header]) =>
          /^(content-length|transfer-encoding)$/i.test(header),
        )
        expect(framing, label).toHaveLength(1)
        expect(upstream[0]?.message.isComplete, label).toBe(true)
        expect(['', body], label).toContain(upstream[0]?.text)
        // Behind it comes the marker's answer; or, where the mutation ended the head, a 400 for the rest of it.
        expect(responses.length, label).toBe(2)
        expect(responses[1]?.status === 400 || responses[1]?.text.startsWith('GET /marker '), label).toBe(true)
        outcomes.served++
      } else {
        expect(response === undefined || response.status === 400 || response.status === 501, label).toBe(true)
        expect(responses.length, label).toBeLessThanOrEqual(1)
        expect(upstream.length, label).toBe(0)
        outcomes.refused++
      }
    } finally {
      client.socket.destroy()
    }
  }

  let next = 0
  const work = async (): Promise<void> => {
    while (next < cases.length) {
      const index = next++
      const current = cases[index]
      if (current !== undefined) await runCase(current, index)
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))

  expect(outcomes.refused).toBeGreaterThan(1_000)
  expect(gateway.backend.requests.map((request) => request.target)).not.toContain('/smuggled')
  expect(gateway.backend.malformed.map(({ reason }) => reason)).toEqual([])
}, 120_000)
