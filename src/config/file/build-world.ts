// The checked objects of all files → one ResourceSet: kinds sorted, doubles rejected, generations counted.
// Reads no file; objects that did not change keep their identity.
import type { RejectedResource, ResourceSet } from '../../api/resource-set.ts'
import type { CheckedObject, LocatedProblem } from './check-object.ts'
import { collectResources } from './collect-resources.ts'
import { describeField } from './describe-problem.ts'
import { type FileContent, readObjects } from './read-content.ts'

export type WorldFile = Readonly<{
  /** As shown to people. */
  shownPath: string
  content: FileContent
}>

/** `key` is null for what belongs to no object: a document without a name, an object that is there already. */
export type WorldProblem = LocatedProblem & Readonly<{ shownPath: string; key: string | null }>

type KnownObject = Readonly<{
  object: CheckedObject
  generation: number
  specText: string
  /** With its generation: what the ResourceSet holds. */
  published: CheckedObject
}>

export type World = Readonly<{
  resources: ResourceSet
  /** `file:line` by object key. */
  locations: ReadonlyMap<string, string>
  /** Everything that is wrong with the objects, lines of their files. */
  problems: readonly WorldProblem[]
  known: ReadonlyMap<string, KnownObject>
}>

/** Builds the world of these files, in this order: of two objects of one name the first counts. */
export function buildWorld(files: readonly WorldFile[], previous: World | null): World {
  const known = new Map<string, KnownObject>()
  const locations = new Map<string, string>()
  const problems: WorldProblem[] = []
  const rejected: RejectedResource[] = []
  for (const { shownPath, content } of files) {
    for (const problem of content.namelessProblems) problems.push({ ...problem, shownPath, key: null })
    for (const { object, lineOffset } of readObjects(content)) {
      const { key } = object.identity
      const first = locations.get(key)
      if (first !== undefined) {
        const reason = `${describeObject(object)} is already defined at ${first}`
        problems.push({ line: object.line + lineOffset, path: '', reason, shownPath, key: null })
        continue
      }
      locations.set(key, `${shownPath}:${object.line + lineOffset}`)
      const entry = trackGeneration(object, previous?.known.get(key))
      known.set(key, entry)
      if (object.resource !== null) continue
      for (const problem of object.problems)
        problems.push({ ...problem, line: problem.line + lineOffset, shownPath, key })
      rejected.push(rejectObject(object, entry.generation, shownPath, lineOffset))
    }
  }
  const accepted = [...known.values()].flatMap(({ published }) => published.resource ?? [])
  return { resources: collectResources(accepted, rejected), locations, problems, known }
}

function rejectObject(
  { identity, raw, problems, line }: CheckedObject,
  generation: number,
  shownPath: string,
  lineOffset: number,
): RejectedResource {
  const place = (problemLine: number) => `${shownPath}:${problemLine + lineOffset}`
  return {
    kind: identity.kind,
    metadata: { ...identity.metadata, generation },
    raw,
    location: place(problems[0]?.line ?? line),
    messages: problems.map(describeField),
    messageLocations: problems.map((problem) => place(problem.line)),
  }
}

/** As the API server does: 1 at first, one more whenever anything but metadata changed. */
function trackGeneration(object: CheckedObject, before: KnownObject | undefined): KnownObject {
  if (before?.object === object) return before
  const specText = renderSpec(object)
  if (before !== undefined && before.specText === specText && isSameObject(before.object, object)) {
    return { ...before, object }
  }
  const generation = before === undefined ? 1 : before.specText === specText ? before.generation : before.generation + 1
  const { resource } = object
  const published = {
    ...object,
    resource: resource === null ? null : freezeDeep({ ...resource, metadata: { ...resource.metadata, generation } }),
  }
  return { object, generation, specText, published }
}

function renderSpec({ resource, raw }: CheckedObject): string {
  const { metadata: _metadata, ...rest } = readRecord(resource ?? raw)
  return JSON.stringify([resource === null, rest])
}

function isSameObject(one: CheckedObject, other: CheckedObject): boolean {
  return (
    JSON.stringify(one.identity.metadata) === JSON.stringify(other.identity.metadata) &&
    (one.resource === null) === (other.resource === null)
  )
}

function readRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function describeObject({ identity }: CheckedObject): string {
  return `${identity.kind} ${identity.metadata.namespace ?? 'default'}/${identity.metadata.name}`
}

function freezeDeep<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freezeDeep(inner)
  return value
}
