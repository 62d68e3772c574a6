// A line of the access log is what JSON would make of the record, whatever its texts hold.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { type AccessRecord, createAccessLog } from '../../src/telemetry/access-log.ts'

const record: AccessRecord = {
  requestId: 'a-1',
  method: 'POST',
  path: '/v1/x"\\\n\u0000\u2028é🌧️',
  status: 200,
  durationMs: 1.25,
  overheadMs: 0,
  clientAddress: '::1',
  route: 'ns/route',
  model: '"},{"level":"fatal',
  consumer: undefined,
  firstByteMs: Number.NaN,
  bytesIn: 0,
  bytesOut: 12,
  generation: 3,
}

test.each([
  [200, 'info'],
  [502, 'warn'],
])('status %i is %s', (status, level) => {
  const lines: string[] = []
  createAccessLog(pino({ enabled: false }), (line) => lines.push(line))({ ...record, status })
  expect(lines).toHaveLength(1)
  expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
  const { time, ...rest } = JSON.parse(lines[0] ?? '')
  expect(rest).toEqual({ ...JSON.parse(JSON.stringify({ ...record, status })), level, msg: 'request' })
  expect(new Date(time).toISOString()).toBe(time)
})
