// docs/operations.md has every flag of `sluice serve` with its default, and every field of a log line.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addServeFlags } from '../../src/cli/serve-flags.ts'
import { defaultHttpLimits, defaultTimeouts, responseLimits } from '../../src/settings.ts'
import { defaultRequestHeadLimits } from '../../src/wire/request-head.ts'
import { readCodeRows } from './read-table.ts'

const page = 'docs/operations.md'

test('every flag of serve is there in its order, no other, and the defaults are right', () => {
  const { options } = addServeFlags(new Command('serve'))
  const rows = readCodeRows(page).filter(([name]) => name?.startsWith('--'))
  expect(rows.map(([flags]) => flags)).toEqual(options.map(({ flags }) => flags))
  for (const [at, { flags, defaultValue }] of options.entries()) {
    if (typeof defaultValue === 'string') expect(rows[at]?.[1], flags).toBe(`\`${defaultValue}\``)
    else expect(rows[at]?.[1], flags).not.toMatch(/`/)
  }
})

test('every flag has the environment variable that the page promises', () => {
  for (const option of addServeFlags(new Command('serve')).options) {
    expect(option.envVar).toBe(`SLUICE_${option.name().replaceAll('-', '_').toUpperCase()}`)
  }
})

test('every field of a log line is there, and no other', () => {
  const type = /export type AccessRecord = Readonly<\{([\s\S]*?)\n\}>/.exec(
    readFileSync('src/telemetry/access-log.ts', 'utf8'),
  )
  const fields = [...(type?.[1] ?? '').matchAll(/^ {2}([a-zA-Z]+)\??:/gm)].map(([, name]) => name)
  const section = readFileSync(page, 'utf8').split('## The log')[1]?.split('\n## ')[0] ?? ''
  const names = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-zA-Z]+)`/g)].map(([, name]) => name),
  )
  expect(fields.length).toBeGreaterThan(20)
  expect(names.toSorted()).toEqual(fields.toSorted())
})

test('limits and timeouts are those of the settings', () => {
  const limits = readFileSync(page, 'utf8').split('## Limits of the server')[1] ?? ''
  const http = defaultHttpLimits
  for (const fact of [
    `| ${http.maxHeaderBytes / 1024} KiB in all, ${defaultRequestHeadLimits.headerCount} of them |`,
    `| request target | ${defaultRequestHeadLimits.urlBytes / 1024} KiB |`,
    `| time for the head of a request | ${http.headersTimeoutMs / 1000} s |`,
    `after ${http.bodyGraceMs / 1000} s | ${http.minBodyBytesPerSecond / 1024} KiB/s |`,
    `| idle kept-alive connection | ${http.keepAliveTimeoutMs / 1000} s |`,
    `| finished answer that its client leaves unread | ${http.stalledReadTimeoutMs / 1000} s |`,
    `| ${responseLimits.maxHeldBytes / 1024 ** 2} MiB; larger ones are passed on as they come, up to ${responseLimits.maxUnaryBytes / 1024 ** 2} MiB |`,
    `| one event of a stream | ${responseLimits.maxEventBytes / 1024 ** 2} MiB |`,
    `answer | ${responseLimits.maxHeaderBytes / 1024} KiB |`,
  ]) {
    expect(limits).toContain(fact)
  }
  const routing = readFileSync('docs/routing.md', 'utf8')
  const { connectMs, firstByteMs, idleMs, totalMs } = defaultTimeouts
  for (const [name, ms] of Object.entries({
    connect: connectMs,
    firstByte: firstByteMs,
    idle: idleMs,
    total: totalMs,
  })) {
    expect(routing).toContain(`| \`${name}\` | ${ms === 0 ? 'none' : `${ms / 1000}s`} |`)
  }
})
