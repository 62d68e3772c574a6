// ReferenceGrant, which is the Gateway API's own: the part of its schema that matters here.
// https://gateway-api.sigs.k8s.io/reference/spec/#referencegrant
import { parseStructuralSchema, type StructuralSchema } from './structural-schema.ts'

const group = {
  type: 'string',
  maxLength: 253,
  pattern: String.raw`^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`,
}
const kind = { type: 'string', minLength: 1, maxLength: 63, pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$' }
const namespace = { type: 'string', minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }
const name = { type: 'string', minLength: 1, maxLength: 253 }

const list = (properties: Record<string, unknown>, required: readonly string[]) => ({
  type: 'array',
  minItems: 1,
  maxItems: 16,
  items: { type: 'object', properties, required },
})

export const referenceGrantVersions: readonly string[] = ['v1beta1', 'v1']

export const referenceGrantSchema: StructuralSchema = parseStructuralSchema({
  type: 'object',
  properties: {
    from: list({ group, kind, namespace }, ['group', 'kind', 'namespace']),
    to: list({ group, kind, name }, ['group', 'kind']),
  },
  required: ['from', 'to'],
})
