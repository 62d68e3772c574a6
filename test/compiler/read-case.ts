// Reads a golden case: `resources` (and `lastGood`: what was served before) as manifests, checked and defaulted by the
// project's own CRDs, as every source does.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { RejectedResource, ResourceSet } from '../../src/api/resource-set.ts'
import { type AnyResource, collectResources } from '../../src/config/file/collect-resources.ts'
import { readNetworkObject } from '../../src/config/read-network-object.ts'
import { parseMetadata } from '../../src/config/validation/parse-metadata.ts'
import { createResourceValidator } from '../../src/config/validation/resource-validator.ts'
import { isRecord } from '../../src/is-record.ts'

const validator = createResourceValidator()

export type GoldenCase = Readonly<{ resources: readonly unknown[]; lastGood: readonly unknown[] }>

export function readCase(file: string | URL): GoldenCase {
  const content: unknown = parse(readFileSync(file, 'utf8'))
  if (!isRecord(content)) throw new Error(`${file} is not a case`)
  return { resources: readList(content.resources), lastGood: readList(content.lastGood) }
}

function readList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Manifests → what a source would hand to the compiler; those that break their schema are `rejected`. */
export function buildResourceSet(manifests: readonly unknown[]): ResourceSet {
  const accepted: AnyResource[] = []
  const rejected: RejectedResource[] = []
  for (const manifest of manifests) {
    const { resource, secret, problems } = validator.validate(manifest)
    const valid = resource ?? secret ?? readNetworkObject(manifest)
    if (valid !== null && problems.length === 0) {
      const status = isRecord(manifest) && isRecord(manifest.status) ? { status: manifest.status } : {}
      accepted.push({ ...valid, ...status })
      continue
    }
    const { metadata } = parseMetadata(isRecord(manifest) ? manifest.metadata : null)
    if (!isRecord(manifest) || typeof manifest.kind !== 'string' || metadata === null)
      throw new Error('nameless object')
    const messages = problems.map(({ path, reason }) => `${path}: ${reason}`)
    rejected.push({ kind: manifest.kind, metadata, raw: manifest, location: 'routes.yaml:1', messages })
  }
  return collectResources(accepted, rejected)
}
