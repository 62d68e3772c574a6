// A caller's key that its Secret declares public: printed in a try-out's `curl` line, never used for anything else.
import type { ResourceSet } from '../api/resource-set.ts'

/** Null where no Secret carries the annotation `ai.example.com/demo-key: "true"`. */
export function findDemoKey(sets: readonly ResourceSet[]): string | null {
  for (const { secrets } of sets) {
    for (const { metadata, data, stringData } of secrets) {
      if (metadata.annotations?.['ai.example.com/demo-key'] !== 'true') continue
      const [encoded] = Object.values(data ?? {})
      const [plain] = Object.values(stringData ?? {})
      const key = plain ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString())
      if (key !== undefined && !key.startsWith('sha256:')) return key
    }
  }
  return null
}
