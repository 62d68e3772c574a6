// Anthropic's Messages API as a backend's format. https://docs.claude.com/en/api/messages
import type { Feature } from '../../conversation/feature.ts'
import type { ChatCodec } from '../codec.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeError } from './decode-error.ts'
import { encodeRequest } from './encode-request.ts'
import { MessageStreamDecoder } from './stream-decoder.ts'

/** It makes one answer, from no seed, and shows no probabilities; JSON without a schema it does not promise. */
const features: ReadonlySet<Feature> = new Set<Feature>([
  'cacheMarkers',
  'endUser',
  'reasoningHistory',
  'temperature',
  'topP',
  'topK',
  'stop',
  'serviceTier',
  'strictTools',
  'singleToolCall',
  'toolChoice',
  'jsonSchema',
  'reasoning',
  'tools',
  'images',
  'imageUrls',
  'files',
  'fileUrls',
  'fileIds',
  'toolResultMedia',
  'prefill',
])

/** As it stands in a body where a file is named by its id; inside of texts quotes are escaped. */
const fileSource = '"type":"file","file_id":'
/** https://docs.claude.com/en/docs/build-with-claude/files: refused without. */
const filesBeta: readonly string[] = ['anthropic-beta', 'files-api-2025-04-14']

export const messagesCodec: ChatCodec = Object.freeze({
  features,
  streamMediaType: 'text/event-stream',
  encode: (conversation, call) => {
    const body = encodeRequest(conversation, call)
    return { path: '/messages', headers: body.includes(fileSource) ? filesBeta : [], body }
  },
  decodeAnswer,
  createStreamDecoder: () => new MessageStreamDecoder(),
  decodeError,
})
