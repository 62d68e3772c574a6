// The string formats that structural schemas name, as strict as the API server is and no stricter.
import type { Ajv } from 'ajv'
import addFormatsModule from 'ajv-formats'

/** Go's url.ParseRequestURI, which the server uses: a scheme or a path, whole escapes, no control characters or spaces. */
const uri = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/)(?:[^\p{Cc}%]|%[0-9A-Fa-f]{2})*$/u

export function addFormats(ajv: Ajv): void {
  addFormatsModule.default(ajv, ['date-time', 'int32', 'int64'])
  ajv.addFormat('uri', uri)
}
