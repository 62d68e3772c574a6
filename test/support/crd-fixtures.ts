// The tables of test/crds: objects that must be accepted, and objects that must be refused, each with the words for it.
// Read by the offline test and by the one against a real API server.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

const fixtureFolder = join(import.meta.dirname, '../crds')
const seedFolder = join(import.meta.dirname, '../seed')

export type Manifest = Readonly<{
  apiVersion: string
  kind: string
  metadata: Readonly<{ name: string; namespace?: string }>
  spec?: Readonly<Record<string, unknown>>
}>

export type ValidFixture = Readonly<{ file: string; text: string; objects: readonly Manifest[] }>

export type InvalidFixture = Readonly<{
  file: string
  /** Part of the reason, from the `# expect:` comment. */
  expected: string
  /** Path of the field at fault, from `# at:`. */
  at: string
  object: Manifest
}>

export function readValidFixtures(): readonly ValidFixture[] {
  return readManifests(join(fixtureFolder, 'valid'))
}

/** The objects that the product was asked for with. */
export function readSeedFixtures(): readonly ValidFixture[] {
  return readManifests(seedFolder)
}

export function readInvalidFixtures(): readonly InvalidFixture[] {
  const folder = join(fixtureFolder, 'invalid')
  return listYaml(folder).map((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return { file, expected: readComment(text, 'expect', file), at: readComment(text, 'at', file), object: parse(text) }
  })
}

function readManifests(folder: string): readonly ValidFixture[] {
  return listYaml(folder).map((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return { file, text, objects: parseAllDocuments(text).map((document): Manifest => document.toJS()) }
  })
}

function listYaml(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
}

function readComment(text: string, name: string, file: string): string {
  const found = new RegExp(`^# ${name}: (.+)$`, 'm').exec(text)?.[1]
  if (found === undefined) throw new Error(`${file} has no "# ${name}:" line`)
  return found
}
