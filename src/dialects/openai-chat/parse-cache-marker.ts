// `cache_control`, as Anthropic has it and OpenAI-shaped gateways take it: on parts, messages and tools.
// https://docs.claude.com/en/docs/build-with-claude/prompt-caching
import type { CacheMarker } from '../../conversation/conversation.ts'
import type { RequestFields } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'

export function parseCacheMarker(fields: RequestFields, names: ParamNames): CacheMarker {
  const marker = fields.object('cache_control')
  if (marker === null) return null
  marker.word('type', ['ephemeral'])
  const ttl = marker.word('ttl', ['5m', '1h']) ?? '5m'
  marker.refuseUnread()
  names.note('cacheMarkers', marker.path)
  return { ttl }
}
