// Where a field of an object stands, for messages that come after the parsing. Parses the object's document once more:
// keeping every document's nodes would cost more memory than all resources.
import { parseManifest } from './parse-manifest.ts'
import { type FileContent, readObjects } from './read-content.ts'

/** 1-based line in the file, of the field or its nearest parent; null if the file has no such object. */
export function locateField(content: FileContent, objectKey: string, path: string): number | null {
  for (const { object, text, lineOffset } of readObjects(content)) {
    if (object.identity.key !== objectKey) continue
    const written = parseManifest(text).objects.find(({ line }) => line === object.line)
    return (written?.lineOf(path) ?? object.line) + lineOffset
  }
  return null
}
