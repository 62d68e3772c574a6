// Images and documents as Converse takes them: bytes with a format's name; it fetches nothing.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
import type { FilePart, ImagePart } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import type { DocumentNames } from './document-names.ts'

export type ImageBlock = Readonly<{ image: Readonly<{ format: string; source: Readonly<{ bytes: string }> }> }>
export type DocumentBlock = Readonly<{
  document: Readonly<{ format: string; name: string; source: Readonly<{ bytes: string }> }>
}>

const imageFormats: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
}

const documentFormats: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
}

/** Throws UnsupportedFeature. */
export function encodeImage({ source }: ImagePart): ImageBlock {
  if (source.kind === 'url') throw new UnsupportedFeature('imageUrls', 'This model takes images as data, not by URL.')
  if (source.kind === 'file')
    throw new UnsupportedFeature('fileIds', 'This model takes images as data, not by file id.')
  const format = imageFormats[source.mediaType.toLowerCase()]
  if (format === undefined) {
    throw new UnsupportedFeature('images', 'This model takes images of the types PNG, JPEG, GIF and WebP.')
  }
  return { image: { format, source: { bytes: source.data } } }
}

/** Throws UnsupportedFeature. */
export function encodeDocument({ source, name }: FilePart, names: DocumentNames): DocumentBlock {
  if (source.kind === 'url') throw new UnsupportedFeature('fileUrls', 'This model takes files as data, not by URL.')
  if (source.kind === 'file') throw new UnsupportedFeature('fileIds', 'This model takes files as data, not by file id.')
  const format = documentFormats[source.mediaType.toLowerCase()] ?? readExtension(name)
  if (format === null) {
    const known = 'PDF, CSV, Word, Excel, HTML, plain text and Markdown'
    throw new UnsupportedFeature('files', `This model takes files of the types ${known}.`)
  }
  return { document: { format, name: names.add(name), source: { bytes: source.data } } }
}

/** Where the media type says nothing (`application/octet-stream`). */
function readExtension(name: string | null): string | null {
  const extension = /\.([a-z]{2,4})$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? ''
  return Object.values(documentFormats).includes(extension) ? extension : null
}
