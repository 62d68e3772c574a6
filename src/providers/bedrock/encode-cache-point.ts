// The mark up to where Bedrock may cache a prompt. https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
import type { CacheMarker } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import type { ModelFamily } from './model-family.ts'

export type CachePoint = Readonly<{ cachePoint: Readonly<{ type: 'default'; ttl?: '1h' }> }>

/** Throws UnsupportedFeature for models that refuse it. Five minutes are the default, and what Nova has. */
export function encodeCachePoint(cache: NonNullable<CacheMarker>, family: ModelFamily): CachePoint {
  if (family !== 'anthropic' && (family !== 'nova' || cache.ttl === '1h')) {
    throw new UnsupportedFeature('cacheMarkers', 'This model has no such cache markers.')
  }
  return { cachePoint: cache.ttl === '1h' ? { type: 'default', ttl: '1h' } : { type: 'default' } }
}
