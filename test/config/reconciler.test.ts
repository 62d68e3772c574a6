// F12, F1: when tables are made, and what keeps one being served. The clock is the test's own.
import { describe, expect, it } from 'vitest'
import type { ResourceStatus } from '../../src/api/conditions.ts'
import type { Resource } from '../../src/api/resource.ts'
import { emptyResourceSet, type ResourceSet } from '../../src/api/resource-set.ts'
import type { PacerClock } from '../../src/config/pacer.ts'
import { createReconciler, type ReconcileReport } from '../../src/config/reconciler.ts'
import { ConfigurationError, type Source, type SourceProblem } from '../../src/config/source.ts'

type TestClock = PacerClock & { advance(ms: number): void; spend(ms: number): void; countTimers(): number }

/** Time passes only when told to. `spend` is time a callback takes. */
function createTestClock(): TestClock {
  let now = 0
  let order = 0
  const timers = new Map<number, { at: number; callback: () => void }>()
  const add = (callback: () => void, at: number) => {
    const id = order++
    timers.set(id, { at, callback })
    return () => void timers.delete(id)
  }
  return {
    nowMs: () => now,
    defer: (callback) => add(callback, now),
    delay: (callback, delayMs) => add(callback, now + delayMs),
    spend(ms) {
      now += ms
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const next = [...timers].filter(([, { at }]) => at <= until).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0]
        if (next === undefined) break
        timers.delete(next[0])
        now = Math.max(now, next[1].at)
        next[1].callback()
      }
      now = Math.max(now, until)
    },
    countTimers: () => timers.size,
  }
}

class TestSource implements Source {
  readonly name: string
  resources: ResourceSet = emptyResourceSet
  problems: readonly SourceProblem[] = []
  isSyncedNow = false
  startError: unknown = null
  isStopped = false
  readError: Error | null = null
  mark: () => void = () => {}

  constructor(name = 'test') {
    this.name = name
  }

  async start(onDirty: () => void): Promise<void> {
    this.mark = onDirty
    if (this.startError !== null) throw this.startError
  }

  isSynced(): boolean {
    return this.isSyncedNow
  }

  sync(): void {
    this.isSyncedNow = true
    this.mark()
  }

  read(): ResourceSet {
    if (this.readError !== null) throw this.readError
    return this.resources
  }

  readProblems(): readonly SourceProblem[] {
    return this.problems
  }

  readLastEventAges(): ReadonlyMap<string, number> {
    return new Map()
  }

  async stop(): Promise<void> {
    this.isStopped = true
  }
}

type LastGood = Readonly<{ compiles: number }>

function secret(name: string, value = 'x') {
  return { apiVersion: 'v1', kind: 'Secret' as const, metadata: { name, namespace: 'default' }, data: { key: value } }
}

function withSecrets(...names: readonly string[]): ResourceSet {
  return { ...emptyResourceSet, secrets: names.map((name) => secret(name)) }
}

async function setUp(...sources: readonly TestSource[]) {
  const clock = createTestClock()
  const published: string[] = []
  const reports: ReconcileReport[] = []
  const inputs: { resources: ResourceSet; lastGood: LastGood | null; atMs: number }[] = []
  const behaviour = {
    compileMs: 0,
    compileError: null as Error | null,
    publishError: null as Error | null,
    statuses: [] as readonly ResourceStatus[],
  }
  const reconciler = createReconciler({
    sources,
    clock,
    compile({ resources, lastGood }: { resources: ResourceSet; lastGood: LastGood | null }) {
      inputs.push({ resources, lastGood, atMs: clock.nowMs() })
      clock.spend(behaviour.compileMs)
      if (behaviour.compileError !== null) throw behaviour.compileError
      const digest = resources.secrets.map(({ metadata }) => metadata.name).join(' ')
      return { table: { digest }, statuses: behaviour.statuses, lastGood: { compiles: (lastGood?.compiles ?? 0) + 1 } }
    },
    publish({ table }) {
      if (behaviour.publishError !== null) throw behaviour.publishError
      published.push(table.digest)
    },
    report: (report) => void reports.push(report),
  })
  await reconciler.start()
  return { clock, published, reports, inputs, behaviour, reconciler }
}

describe('readiness (F12)', () => {
  it('waits until every source has been read whole', async () => {
    const [slow, fast] = [new TestSource('slow'), new TestSource('fast')]
    slow.resources = withSecrets('a')
    fast.resources = withSecrets('b')
    const { clock, published, reconciler } = await setUp(slow, fast)
    fast.sync()
    fast.mark()
    clock.advance(10_000)
    expect([published, reconciler.hasTable(), reconciler.isSynced()]).toEqual([[], false, false])
    slow.sync()
    clock.advance(0)
    expect([published, reconciler.hasTable(), reconciler.isSynced()]).toEqual([['a b'], true, true])
  })

  it('publishes an empty world: it is valid once synced', async () => {
    const source = new TestSource()
    const { clock, published, reconciler } = await setUp(source)
    source.sync()
    clock.advance(0)
    expect([published, reconciler.hasTable()]).toEqual([[''], true])
  })

  it('joins the lines of all sources that can not start, and stops the others', async () => {
    const [one, two, three] = [new TestSource('one'), new TestSource('two'), new TestSource('three')]
    one.startError = new ConfigurationError(['a.yaml:1: bad'])
    two.startError = new ConfigurationError(['b: no such file', 'c.yaml:3: bad'])
    await expect(setUp(one, two, three)).rejects.toMatchObject({
      name: 'ConfigurationError',
      lines: ['a.yaml:1: bad', 'b: no such file', 'c.yaml:3: bad'],
    })
    expect(three.isStopped).toBe(true)
  })
})

describe('pace', () => {
  it('compiles the first change after calm in the next turn of the loop', async () => {
    const source = new TestSource()
    const { clock, published, inputs, reports } = await setUp(source)
    source.sync()
    clock.advance(1_000)
    source.resources = withSecrets('a')
    source.mark()
    expect(published).toEqual([''])
    clock.advance(0)
    expect(published).toEqual(['', 'a'])
    expect(inputs[1]?.atMs).toBe(1_000)
    expect(reports[1]).toMatchObject({ outcome: 'published', generation: 2, firstEventAtMs: 1_000 })
  })

  it('coalesces what follows until 10 ms of quiet', async () => {
    const source = new TestSource()
    const { clock, inputs, reports } = await setUp(source)
    source.sync()
    clock.advance(1_000)
    source.mark()
    clock.advance(1)
    for (let at = 0; at < 4; at += 1) {
      source.resources = withSecrets(`${at}`)
      source.mark()
      clock.advance(5)
    }
    expect(inputs.map(({ atMs }) => atMs)).toEqual([0, 1_000])
    clock.advance(100)
    expect(inputs.map(({ atMs }) => atMs)).toEqual([0, 1_000, 1_026])
    expect(reports.at(-1)).toMatchObject({ firstEventAtMs: 1_001 })
  })

  it('lets a storm hold a table back for 50 ms at most', async () => {
    const source = new TestSource()
    const { clock, inputs, published } = await setUp(source)
    source.sync()
    clock.advance(1_000)
    for (let ms = 0; ms < 1_000; ms += 1) {
      source.resources = withSecrets(`at-${ms}`)
      source.mark()
      clock.advance(1)
    }
    clock.advance(100)
    const gaps = inputs.slice(1).map(({ atMs }, index) => atMs - (inputs[index]?.atMs ?? 0))
    expect(Math.max(...gaps.slice(1))).toBeLessThanOrEqual(51)
    expect(inputs.length).toBeLessThan(30)
    expect(published.at(-1)).toBe('at-999')
  })

  it('never spends more than half of the time compiling', async () => {
    const source = new TestSource()
    const { clock, inputs, behaviour } = await setUp(source)
    behaviour.compileMs = 200
    source.sync()
    for (let ms = 0; ms < 4_000; ms += 2) {
      source.mark()
      clock.advance(2)
    }
    const starts = inputs.map(({ atMs }) => atMs)
    expect(starts.length).toBeGreaterThan(5)
    for (const [index, start] of starts.entries()) {
      if (index > 0) expect(start - (starts[index - 1] ?? 0)).toBeGreaterThanOrEqual(400)
    }
  })

  it('does not compile without a change', async () => {
    const source = new TestSource()
    const { clock, inputs } = await setUp(source)
    source.sync()
    clock.advance(60_000)
    expect(inputs).toHaveLength(1)
    expect(clock.countTimers()).toBe(0)
  })

  it('stops: nothing that is due is compiled any more', async () => {
    const source = new TestSource()
    const { clock, inputs, reconciler } = await setUp(source)
    source.sync()
    await reconciler.stop()
    source.mark()
    clock.advance(60_000)
    expect(inputs).toEqual([])
    expect(source.isStopped).toBe(true)
    expect(clock.countTimers()).toBe(0)
  })
})

describe('publishing', () => {
  it('does not publish the same digest twice, and is silent when nothing else changed', async () => {
    const source = new TestSource()
    const { clock, published, inputs, reports } = await setUp(source)
    source.sync()
    clock.advance(100)
    source.mark()
    clock.advance(100)
    expect([inputs.length, published, reports.length]).toEqual([2, [''], 1])
  })

  it('reports other statuses and other problems under the same digest', async () => {
    const source = new TestSource()
    const { clock, reports, behaviour, published } = await setUp(source)
    source.sync()
    clock.advance(100)
    behaviour.statuses = [{ kind: 'AIModel', namespace: 'default', name: 'a', observedGeneration: 1, conditions: [] }]
    source.mark()
    clock.advance(100)
    source.problems = [{ location: 'a.yaml:3', reason: 'bad' }]
    source.mark()
    clock.advance(100)
    source.mark()
    clock.advance(100)
    expect(published).toEqual([''])
    expect(reports.slice(1)).toMatchObject([
      { outcome: 'unchanged', generation: 1, statuses: [{ name: 'a' }], problems: [] },
      { outcome: 'unchanged', generation: 1, problems: [{ location: 'a.yaml:3' }] },
    ])
  })

  it('hands the last good specs from one compile to the next', async () => {
    const source = new TestSource()
    const { clock, inputs } = await setUp(source)
    source.sync()
    for (let times = 0; times < 2; times += 1) {
      clock.advance(100)
      source.mark()
    }
    clock.advance(100)
    expect(inputs.map(({ lastGood }) => lastGood?.compiles ?? null)).toEqual([null, 1, 2])
  })

  it.each(['compileError', 'publishError'] as const)('keeps the last table on a %s and tries again', async (which) => {
    const source = new TestSource()
    const { clock, published, reports, behaviour, inputs, reconciler } = await setUp(source)
    source.sync()
    clock.advance(100)
    behaviour[which] = new Error('a bug')
    source.resources = withSecrets('a')
    source.mark()
    clock.advance(100)
    expect(published).toEqual([''])
    expect(reconciler.hasTable()).toBe(true)
    expect(reports.at(-1)).toMatchObject({ outcome: 'failed', error: behaviour[which], generation: 1 })
    behaviour[which] = null
    source.mark()
    clock.advance(100)
    expect(published).toEqual(['', 'a'])
    expect(inputs.at(-1)?.lastGood).toEqual({ compiles: 1 })
    expect(reports.at(-1)).toMatchObject({ outcome: 'published', generation: 2, error: null })
  })

  it('says when a failure is over although the table is the same', async () => {
    const source = new TestSource()
    const { clock, reports } = await setUp(source)
    source.sync()
    clock.advance(100)
    source.readError = new Error('a bug')
    source.mark()
    clock.advance(100)
    source.readError = null
    source.mark()
    clock.advance(100)
    expect(reports.map(({ outcome }) => outcome)).toEqual(['published', 'failed', 'unchanged'])
  })
})

describe('several sources', () => {
  it('lets the first source win a name and says what is left out', async () => {
    const [one, two] = [new TestSource('one'), new TestSource('two')]
    one.resources = withSecrets('a', 'b')
    const grant: Resource<{ from: []; to: [] }> = {
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'ReferenceGrant',
      metadata: { name: 'a', namespace: 'default' },
      spec: { from: [], to: [] },
    }
    two.resources = { ...withSecrets('b', 'c'), referenceGrants: [grant] }
    const { clock, inputs, reports } = await setUp(one, two)
    one.sync()
    two.sync()
    clock.advance(0)
    const resources = inputs[0]?.resources
    expect(resources?.secrets).toEqual([...one.resources.secrets, secret('c')])
    expect(resources?.referenceGrants).toEqual([grant])
    expect(resources?.rejected).toEqual([])
    expect(reports[0]?.problems).toEqual([
      { location: 'two', reason: 'Secret/default/b is already defined by one, and left out here' },
    ])
  })

  it('counts an object that its first source rejects as that source’s all the same', async () => {
    const [one, two] = [new TestSource('one'), new TestSource('two')]
    const { metadata } = secret('a')
    one.resources = {
      ...emptyResourceSet,
      rejected: [{ kind: 'Secret', metadata, raw: null, location: 'a.yaml:1', messages: ['bad'] }],
    }
    two.resources = withSecrets('a')
    const { clock, inputs, reports } = await setUp(one, two)
    one.sync()
    two.sync()
    clock.advance(0)
    expect(inputs[0]?.resources.secrets).toEqual([])
    expect(inputs[0]?.resources.rejected).toHaveLength(1)
    expect(reports[0]?.problems).toHaveLength(1)
  })
})
