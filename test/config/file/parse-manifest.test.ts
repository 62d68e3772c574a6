// F16: what stands in a file can neither hang nor crash the process, and every complaint has its line.
import { describe, expect, it } from 'vitest'
import { parseManifest } from '../../../src/config/file/parse-manifest.ts'

const linesOf = (text: string) => parseManifest(text).problems.map(({ line, reason }) => `${line}: ${reason}`)

describe('a text that is no manifest is refused with its line (F16)', () => {
  it.each([
    ['a: 1\nb: [1\nc: 2\n', /^3: not valid YAML: flow sequence/],
    ['a:\n\t- b\n', /^2: not valid YAML: tabs are not allowed/],
    ['a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n', /^5: the same key stands twice/],
    ['{"a": 1,\n"a": 2}', /^2: the same key stands twice/],
    ['a: 1\nb: *nothing\n', /^2: an alias of no anchor/],
    ['a: 1\nb: !python/object x\n', /^2: not valid YAML: an unknown tag/],
    ['a: 1\n? [b]\n: 2\n', /a key must be plain text/],
    ['a: .inf\n', /^1: holds a number that is not finite/],
    [`a: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n`, /^1: is nested too deeply/],
    [`a: ${'['.repeat(200)}${']'.repeat(200)}\n`, /^1: is nested too deeply/],
  ])('%#', (text, expected) => {
    expect(linesOf(text).join('\n')).toMatch(expected)
    expect(parseManifest(text).objects).toEqual([])
  })

  it('refuses the anchors bomb within a second', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (const [at, name] of [...'bcdefghi'].entries()) {
      const above = 'abcdefghi'[at]
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${above}`).join(', ')}]`)
    }
    const startedMs = performance.now()
    expect(linesOf(bomb.join('\n'))).toEqual(['1: too many aliases: expanding them would exhaust memory'])
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  it('refuses an anchor that holds itself', () => {
    expect(linesOf('a: &a\n  b: *a\n')).toHaveLength(1)
  })

  it('checks a map of fifty thousand keys within seconds', () => {
    const text = Array.from({ length: 50_000 }, (_, at) => `key${at}: 1`).join('\n')
    const startedMs = performance.now()
    expect(parseManifest(text).objects).toHaveLength(1)
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })

  it('never quotes the text, which may be a secret', () => {
    for (const value of [
      '!canary',
      '*canary',
      '&canary',
      '"\\qcanary',
      '|canary',
      '@canary',
      '`canary',
      'a: canary: b',
    ]) {
      expect(linesOf(`stringData:\n  key: ${value}\n`).join('\n')).not.toContain('canary')
    }
  })
})

describe('every field has its line', () => {
  const [object] = parseManifest(`apiVersion: v1
kind: X
metadata:
  labels:
    app.kubernetes.io/name: x
spec:
  backends:
    - modelRef:
        name: a
      weight: 1
    - weight: 2
`).objects

  it.each([
    ['', 1],
    ['kind', 2],
    ['metadata.labels.app.kubernetes.io/name', 5],
    ['metadata.labels["app.kubernetes.io/name"]', 5],
    ['spec.backends[0].modelRef.name', 9],
    ['spec.backends[1]', 11],
    ['spec.backends[1].weight', 11],
    ['spec.backends[1].modelRef.name', 11],
    ['spec.backends[7].weight', 7],
    ['spec.path', 6],
    ['status', 1],
  ])('%s: line %d', (path, line) => {
    expect(object?.lineOf(path)).toBe(line)
  })
})

describe('lists are flattened', () => {
  it('gives items their own lines', () => {
    const { objects } = parseManifest(
      'apiVersion: v1\nkind: List\nitems:\n  - kind: A\n    spec:\n      x: 1\n  - kind: List\n    items:\n      - kind: B\n',
    )
    expect(objects.map(({ line, value }) => [line, value])).toEqual([
      [4, { kind: 'A', spec: { x: 1 } }],
      [9, { kind: 'B' }],
    ])
    expect(objects[0]?.lineOf('spec.x')).toBe(6)
  })

  it('reads JSON, indented by tabs too', () => {
    const { objects, problems } = parseManifest('{\n\t"kind": "List",\n\t"items": [\n\t\t{"kind": "A"}\n\t]\n}\n')
    expect(problems).toEqual([])
    expect(objects.map(({ line, value }) => [line, value])).toEqual([[4, { kind: 'A' }]])
  })

  it('finds nothing in an empty text, comments or null', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n---\n', 'null\n']) {
      expect(parseManifest(text)).toEqual({ objects: [], problems: [] })
    }
  })
})
