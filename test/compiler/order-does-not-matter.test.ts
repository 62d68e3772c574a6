// F3: the same objects in any order, new ones or compiled before, give the same output byte for byte.
import { expect, test } from 'vitest'
import { type CompileResult, compile } from '../../src/compiler/compile.ts'
import { isRecord } from '../../src/is-record.ts'
import { listCases } from './list-cases.ts'
import { buildResourceSet } from './read-case.ts'

/** Mulberry32: the same shuffles in every run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function shuffle<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function render({ table, statuses, secrets, lastGood }: CompileResult): string {
  return JSON.stringify([table, statuses, [...secrets], [...lastGood.keys()]], null, 1)
}

/** All cases in one world, the first object of each name: paths, names and hosts of the cases conflict there. */
function mergeCases(): readonly unknown[] {
  const byName = new Map<string, unknown>()
  for (const manifest of listCases().flatMap(({ resources }) => resources)) {
    if (!isRecord(manifest) || !isRecord(manifest.metadata)) continue
    const key = [manifest.kind, manifest.metadata.namespace ?? 'default', manifest.metadata.name].join('/')
    if (!byName.has(key)) byName.set(key, manifest)
  }
  return [...byName.values()]
}

test('the whole of all cases, shuffled', () => {
  const manifests = mergeCases()
  expect(manifests.length).toBeGreaterThan(70)
  const expected = render(compile({ resources: buildResourceSet(manifests), lastGood: null }))
  const random = createRandom(1)
  for (let turn = 0; turn < 25; turn++) {
    const resources = buildResourceSet(shuffle(manifests, random))
    const result = compile({ resources, lastGood: null })
    expect(render(result)).toBe(expected)
    // The very same objects once more: what was kept of the first time changes nothing.
    expect(render(compile({ resources, lastGood: result.lastGood }))).toBe(expected)
  }
})

test('one object more and one less again leave no trace', () => {
  const manifests = mergeCases()
  const resources = buildResourceSet(manifests)
  const before = compile({ resources, lastGood: null })
  for (let left = 0; left < resources.aiGatewayRoutes.length; left++) {
    const aiGatewayRoutes = resources.aiGatewayRoutes.filter((_route, at) => at !== left)
    const without = compile({ resources: { ...resources, aiGatewayRoutes }, lastGood: before.lastGood })
    const fresh = compile({ resources: structuredClone({ ...resources, aiGatewayRoutes }), lastGood: null })
    expect(render(without)).toBe(render(fresh))
    expect(render(compile({ resources, lastGood: without.lastGood }))).toBe(render(before))
  }
})
