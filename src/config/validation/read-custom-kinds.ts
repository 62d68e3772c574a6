// Reads the CRD files of a folder once: which kinds there are, and each one's schema. The same files the cluster gets.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isRecord } from '../../is-record.ts'
import { parseStructuralSchema, type StructuralSchema } from './structural-schema.ts'

export type CustomKind = Readonly<{
  /** Name of the CRD's file. */
  file: string
  group: string
  /** The one version that is stored. */
  version: string
  kind: string
  schema: StructuralSchema
}>

/** The project's own CRDs. */
export const defaultCrdFolder: string = join(import.meta.dirname, '../../../crds')

/** Kinds of all `*.yaml` of a folder, by file name. Throws, naming the file, on what is no CRD. */
export function readCustomKinds(crdFolder: string = defaultCrdFolder): readonly CustomKind[] {
  const files = readdirSync(crdFolder).filter((name) => name.endsWith('.yaml'))
  return files.sort().map((file) => {
    const path = join(crdFolder, file)
    try {
      return parseCustomKind(file, parse(readFileSync(path, 'utf8')))
    } catch (error) {
      throw new Error(`${path}: ${error instanceof Error ? error.message : 'is no CRD'}`, { cause: error })
    }
  })
}

function parseCustomKind(file: string, crd: unknown): CustomKind {
  const spec = isRecord(crd) && crd.kind === 'CustomResourceDefinition' ? crd.spec : null
  if (!isRecord(spec) || !isRecord(spec.names) || !Array.isArray(spec.versions)) throw new Error('is no CRD')
  const version: unknown = spec.versions.find((entry: unknown) => isRecord(entry) && entry.storage === true)
  if (!isRecord(version) || !isRecord(version.schema)) throw new Error('has no stored version with a schema')
  return {
    file,
    group: String(spec.group),
    version: String(version.name),
    kind: String(spec.names.kind),
    schema: parseStructuralSchema(version.schema.openAPIV3Schema),
  }
}
