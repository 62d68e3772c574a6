// The third-party probes of test/vectors against a running gateway, each a test of its own, over a bare socket.
// Beyond what a probe expects, each asserts: no answer to bytes that were not a request of their own (a marker request
// behind the probe is answered right, or the connection is gone), and a backend that saw nothing malformed.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RawResponse } from '../support/raw-client.ts'
import { type AbuseGateway, startAbuseGateway } from './abuse-gateway.ts'
import { builtPayloads } from './http11-probe-payloads.ts'
import { type MarkedOutcome, sendWithMarker } from './send-with-marker.ts'

type Probe = Readonly<{
  id: string
  kind: string
  description: string
  rfc: string | null
  expected: string
  allow_close: boolean
  payload: string | null
}>

const vectors: Readonly<{ tests: readonly Probe[] }> = JSON.parse(
  readFileSync(new URL('../vectors/http11probe-cases.json', import.meta.url), 'utf8'),
)

/** What doesn't apply to a gateway, and why. */
const notApplicable: Readonly<Record<string, string>> = {
  'CAP-ETAG-304': 'conditional requests are the origin server’s to answer',
  'CAP-LAST-MODIFIED-304': 'conditional requests are the origin server’s to answer',
  'CAP-ETAG-IN-304': 'conditional requests are the origin server’s to answer',
  'CAP-INM-PRECEDENCE': 'conditional requests are the origin server’s to answer',
  'CAP-INM-WILDCARD': 'conditional requests are the origin server’s to answer',
  'CAP-IMS-FUTURE': 'conditional requests are the origin server’s to answer',
  'CAP-IMS-INVALID': 'conditional requests are the origin server’s to answer',
  'CAP-INM-UNQUOTED': 'conditional requests are the origin server’s to answer',
  'CAP-ETAG-WEAK': 'conditional requests are the origin server’s to answer',
  'COMP-OPTIONS-STAR':
    'a target without a path has no route; the guard refuses it with 400 (RFC 9110 section 9.1: only GET and HEAD are a must)',
}

/** Ways to read an expectation that its words don't give. */
const passThrough = /pass-through|Reject\/drop|IMF-fixdate|poisoned follow-up|extra response on step 2/
const forbidden: Readonly<Record<string, RegExp>> = {
  '!101': /^101$/,
  'non-101 (426 preferred)': /^101$/,
  'not 414': /^414$/,
  'non-1xx response': /^1..$/,
}

function isExpectedStatus(expected: string, status: number): boolean {
  const not = forbidden[expected]
  if (not !== undefined) return !not.test(String(status)) && status < 500
  if (status >= 200 && status < 300 && (/2xx/.test(expected) || passThrough.test(expected))) return true
  if (status === 400 && passThrough.test(expected)) return true
  return [...expected.matchAll(/\b\d{3}\b/g)].some(([allowed]) => allowed === String(status))
}

const extraChecks: Readonly<Record<string, (response: RawResponse) => void>> = {
  '2xx + echo': (response) => expect(response.text).toMatch(/\r\n\r\nhello/),
  '2xx with no body': (response) => expect(response.text).toBe(''),
  '405 + Allow header': (response) => expect(response.header('allow')).toMatch(/GET/),
  '2xx with Allow header': (response) => expect(response.header('allow')).toMatch(/GET/),
  '2xx with Date header': (response) => expect(response.header('date')).not.toBeNull(),
  'IMF-fixdate format': (response) => {
    expect(response.header('date')).toMatch(
      /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
    )
  },
  '204 without CL': (response) => expect(response.header('content-length')).toBeNull(),
  '2xx with Content-Type': (response) => expect(response.header('content-type')).not.toBeNull(),
  'non-1xx response': (response) => expect(response.informational).toEqual([]),
  '2xx with Cookie in body': (response) => expect(response.text).toContain('foo=bar'),
  '2xx with both cookies': (response) => expect(response.text).toMatch(/a=1[\s\S]*b=2/),
  '2xx with foo=bar in body': (response) => expect(response.text).toContain('foo=bar'),
  '2xx with a=1, b=2, c=3 in body': (response) => expect(response.text).toContain('a=1; b=2; c=3'),
  'Reject/drop (pass), normalize (fail), preserve (warn)': expectOneFraming,
  'Reject/drop (pass), normalize casing (fail), preserve (warn)': expectOneFraming,
}

/** The echo shows what went upstream: one framing header, and none of the look-alikes. */
function expectOneFraming(response: RawResponse): void {
  if (response.status !== 200) return
  expect(response.text.match(/^(content-length|transfer-encoding):/gim)).toHaveLength(1)
  expect(response.text).not.toMatch(/^(content|transfer)[_\t ]/im)
}

describe('HTTP/1.1 probes', () => {
  let gateway: AbuseGateway

  beforeAll(async () => {
    gateway = await startAbuseGateway()
  })
  afterAll(() => gateway.stop())

  test('every probe is run or excluded by name, and every built payload is used', () => {
    const ids = new Set(vectors.tests.map(({ id }) => id))
    expect(Object.keys(notApplicable).filter((id) => !ids.has(id))).toEqual([])
    expect(Object.keys(builtPayloads).filter((id) => !ids.has(id))).toEqual([])
    const unbuilt = vectors.tests.filter(({ id, payload }) => payload === null && builtPayloads[id] === undefined)
    expect(unbuilt.map(({ id }) => id)).toEqual([])
    expect(vectors.tests).toHaveLength(215)
  })

  for (const probe of vectors.tests) {
    const reason = notApplicable[probe.id]
    if (reason !== undefined) {
      test.skip(`${probe.id}: ${reason}`, () => {})
      continue
    }
    test(`${probe.id}: ${probe.description}`, async () => {
      const { responses, isMarkerServed } = await run(probe)
      const [first] = responses
      if (first === undefined) {
        expect(probe.allow_close || /close|timeout/.test(probe.expected)).toBe(true)
      } else {
        expect(first.isComplete).toBe(true)
        expect(first.status, probe.expected).toSatisfy((status: number) => isExpectedStatus(probe.expected, status))
        extraChecks[probe.expected]?.(first)
        if (/2xx ?\+ ?close/.test(probe.expected)) expect(isMarkerServed).toBe(false)
        if (first.status >= 400 && first.header('connection') === 'close') expect(isMarkerServed).toBe(false)
      }
      if (probe.id === 'SMUG-PIPELINE-SAFE') {
        expect(responses.map(({ status }) => status)).toEqual([200, 200])
      } else if (/poisoned|step 2/.test(probe.expected)) {
        // Bytes behind a whole message begin the next one: what they make of the marker is their own fault.
        expect(responses.slice(1).every(({ status }) => status === 400)).toBe(true)
      } else {
        expect(responses.length).toBeLessThanOrEqual(1)
      }
      expect(gateway.backend.requests.map(({ target }) => target)).not.toContain('/smuggled')
      expect(gateway.backend.malformed.map(({ reason: why }) => why)).toEqual([])
    })
  }

  function run(probe: Probe): Promise<MarkedOutcome> {
    const build = builtPayloads[probe.id]
    const payload = build === undefined ? (probe.payload ?? '').replaceAll('{HOST}', gateway.host) : build(gateway.host)
    return sendWithMarker(gateway, payload, {
      // An incomplete request may wait for its rest until a timer ends it: the end of our side says that there is none.
      isEnded: /timeout/.test(probe.expected),
      requestMethod: payload.startsWith('HEAD ') ? 'HEAD' : 'GET',
    })
  }
})
