// Runs one client API's cases over every family: what is said to work works, everything else is refused by name.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import type { CaseFacts, ClientCase, Exceptions } from './client-case.ts'
import { type Families, familyNames, nameModel, startFamilies } from './families.ts'

export type Suite<Client> = Readonly<{
  api: string
  cases: readonly ClientCase<Client>[]
  exceptions: Exceptions
  createClient(url: string, fetchLike: typeof fetch): Client
}>

/** What a refusal looks like to each client. */
type Refusal = Readonly<{ status?: unknown; message: string; code?: unknown; param?: unknown; error?: unknown }>

export function runCases<Client>({ api, cases, exceptions, createClient }: Suite<Client>): void {
  let families: Families
  let gateway: TestGateway
  beforeAll(async () => {
    families = await startFamilies()
    gateway = await startGateway({ manifests: families.manifests, logLevel: 'warn' })
  })
  afterAll(async () => {
    await gateway?.stop()
    await families?.close()
  })
  afterEach(() => expect(families.tokenRefusals).toEqual([]))

  describe.each(familyNames)(`${api} → %s`, (family) => {
    test.each(cases.map((one) => [one.feature, exceptions[family]?.[one.feature]?.[0] ?? 'works', one] as const))(
      '%s: %s',
      async (_, verdict, one) => {
        let headers = new Headers()
        const client = createClient(gateway.url, async (...given) => {
          const response = await fetch(...given)
          headers = response.headers
          return response
        })
        const facts: CaseFacts = { family, readHeader: (name) => headers.get(name) }
        const { backends } = families
        const seen = backends[family].http.requests.length
        backends[family].refusals.splice(0)
        const model = nameModel(family, verdict === 'left out' ? 'plain' : one.scenario)
        if (verdict === 'works') {
          await one.run(client, model, facts)
          expect(headers.get('x-sluice-dropped')).toBeNull()
        } else if (verdict === 'not said') {
          if (one.runUnsaid === undefined) throw new Error(`${one.feature} has no way not to be said`)
          await one.runUnsaid(client, model)
        } else if (verdict === 'left out') {
          await one.run(client, model, facts)
          expect(headers.get('x-sluice-dropped')).toContain(one.param)
        } else {
          const error = await one.run(client, model, facts).then(
            () => null,
            (thrown: unknown) => thrown,
          )
          expectRefusal(error, one.param ?? '')
          const wasSeen = backends[family].http.requests.length > seen
          // Where the client's bytes pass, the backend itself refuses.
          if (!wasSeen) expect(readCode(error)).toBe('unsupported_parameter')
        }
        if (verdict === 'works') expect(backends[family].refusals).toEqual([])
      },
    )
  })
}

function expectRefusal(error: unknown, param: string): void {
  if (!isRefusal(error)) throw new Error(`not refused, but: ${String(error)}`, { cause: error })
  if (error.status !== 400) throw error
  expect(`${String(error.param ?? readOwn(error, 'param'))} ${error.message}`).toContain(param)
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && 'status' in error
}

function readCode(error: unknown): unknown {
  if (!isRefusal(error)) return null
  return typeof error.code === 'string' ? error.code : readOwn(error, 'code')
}

/** What Sluice says in Anthropic's envelope beside what Anthropic has there. */
function readOwn({ error: body }: Refusal, name: 'code' | 'param'): unknown {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null
  const inner: unknown = body.error
  if (typeof inner !== 'object' || inner === null) return null
  return Object.entries(inner).find(([key]) => key === name)?.[1] ?? null
}
