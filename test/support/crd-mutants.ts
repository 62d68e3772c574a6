// Objects that each differ from a good one in one field, to find where the offline validator and the API server
// disagree. Always the same ones: a field and a value are paired by their numbers, not by chance.
import type { Manifest } from './crd-fixtures.ts'

export type Mutant = Readonly<{
  object: Manifest
  /** `AIModel spec.modelName = "x"` */
  change: string
}>

type Path = readonly (string | number)[]

/** One in so many pairs of a field and a value is tried. Prime, so that every value meets fields of all kinds. */
const stride = 13

const shapes: readonly unknown[] = [null, '', true, 0, -1, 1.5, 3, 1e30, [], {}, [null], ['x', 'x'], { x: 1 }]
const texts: readonly string[] = [
  ...['x', 'X y', 'é', 'a\n', 'x\ty', '\u007f', 'a=b', 'a'.repeat(3000), '🙂'.repeat(200), 'USD', '429', 'Header:x'],
  ...['0', '00', '1.5', '1e3', '0s', '1h1m', '.5s', '-1s', '1µs', '30h', '/', '//', '/a/.', '/a/..b', '/a%2', '/a%41'],
  ...['https://', 'https://a', 'HTTP://a', 'http://a:99999', 'https://a/%', 'http://[::1]', 'http://a b', '[::]'],
  ...['a:b', 'a:99999', '*', '**', '*.a', 'a*', '.a', 'a.', '-a', 'a-', 'A'],
]
const values: readonly unknown[] = [...shapes, ...texts]

/** About a thousand for the full fixtures. Fields of the same name in a second object of a kind are not tried again. */
export function listMutants(objects: readonly Manifest[]): readonly Mutant[] {
  const seen = new Set<string>()
  const mutants: Mutant[] = []
  let pair = 0
  for (const object of objects) {
    for (const path of listPaths(object.spec)) {
      const field = `${object.kind} spec.${path.map((part) => (typeof part === 'number' ? '*' : part)).join('.')}`
      if (seen.has(field)) continue
      seen.add(field)
      for (const value of values) {
        pair += 1
        if (pair % stride !== 0) continue
        mutants.push({ object: replaceField(object, path, value), change: `${field} = ${JSON.stringify(value)}` })
      }
    }
  }
  return mutants
}

function listPaths(value: unknown, path: Path = []): readonly Path[] {
  const own = path.length === 0 ? [] : [path]
  if (Array.isArray(value)) return [...own, ...value.flatMap((item, index) => listPaths(item, [...path, index]))]
  if (typeof value !== 'object' || value === null) return own
  return [...own, ...Object.entries(value).flatMap(([name, field]) => listPaths(field, [...path, name]))]
}

function replaceField(object: Manifest, path: Path, value: unknown): Manifest {
  const spec = structuredClone(object.spec ?? {})
  let holder: unknown = spec
  for (const part of path.slice(0, -1)) holder = Reflect.get(Object(holder), part)
  Reflect.set(Object(holder), path.at(-1) ?? '', value)
  return { ...object, metadata: { name: 'mutant' }, spec }
}
