// Images, documents and sound as Gemini's parts: bytes inline, or a URI that Google fetches.
// https://ai.google.dev/gemini-api/docs/file-input-methods
import type { AudioPart, FilePart, ImagePart } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import type { GoogleApi } from './google-api.ts'

export type MediaData =
  | Readonly<{ inlineData: Readonly<{ mimeType: string; data: string }> }>
  | Readonly<{ fileData: Readonly<{ mimeType?: string; fileUri: string }> }>

/** Throws UnsupportedFeature for a URL or an id that this API would not know what to do with. */
export function encodeMedia(part: ImagePart | FilePart, api: GoogleApi): MediaData {
  const { source } = part
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } }
  if (source.kind === 'url') {
    const mimeType = guessMediaType(source.url)
    if (mimeType !== null) return { fileData: { mimeType, fileUri: source.url } }
    if (!api.needsMediaType) return { fileData: { fileUri: source.url } }
    const feature = part.kind === 'image' ? 'imageUrls' : 'fileUrls'
    throw new UnsupportedFeature(feature, 'This model takes only URLs whose ending says what they are (.png, .pdf).')
  }
  const fileUri = api.resolveFileId(source.id)
  if (fileUri === null) throw new UnsupportedFeature('fileIds', 'This model knows no file with such an id.')
  const mimeType = guessMediaType(fileUri)
  return { fileData: mimeType === null ? { fileUri } : { mimeType, fileUri } }
}

export function encodeAudio({ format, data }: AudioPart): MediaData {
  return { inlineData: { mimeType: `audio/${format}`, data } }
}

/** By the ending of the path. https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
function guessMediaType(uri: string): string | null {
  const [, ending = ''] = /\.([a-z0-9]+)$/i.exec(URL.parse(uri)?.pathname ?? '') ?? []
  return mediaTypes.get(ending.toLowerCase()) ?? null
}

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['html', 'text/html'],
  ['csv', 'text/csv'],
  ['json', 'application/json'],
  ['xml', 'text/xml'],
])
