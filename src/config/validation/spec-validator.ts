// Validates one kind's spec by its structural schema: ajv for form, then list keys, then CEL.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { addFormats } from './add-formats.ts'
import { checkCelRules } from './check-cel-rules.ts'
import { compileCelRules } from './compile-cel-rules.ts'
import { copyWritten } from './copy-written.ts'
import { encodeAjvSchema } from './encode-ajv-schema.ts'
import { compileListKeys, findDuplicates } from './find-duplicates.ts'
import { readPointer, renderSchemaProblem } from './render-schema-problem.ts'
import type { StructuralSchema } from './structural-schema.ts'
import type { ValidationProblem } from './validation-problem.ts'

/** `spec` is a copy with defaults set and unknown fields gone; it means nothing while other problems are there. */
export type ValidatedSpec = Readonly<{ spec: unknown; problems: readonly ValidationProblem[] }>

export type SpecValidator = (spec: unknown) => ValidatedSpec

/** Compiles a schema: some milliseconds, once. The validator itself takes microseconds. Paths begin with `spec`. */
export function createSpecValidator(schema: StructuralSchema): SpecValidator {
  const validate = compileSchema(schema)
  const lists = compileListKeys(schema)
  const rules = compileCelRules(schema)
  return (written) => {
    const root = { spec: copyWritten(written, schema) }
    const errors = validate(root) ? [] : (validate.errors ?? [])
    const problems = errors.map(renderSchemaProblem)
    for (const error of errors) pruneUnknownField(root, error)
    if (lists !== null) problems.push(...findDuplicates(lists, root.spec, 'spec'))
    if (rules !== null) {
      const broken = problems.filter(({ rule }) => rule === 'schema').map(({ path }) => path)
      problems.push(...checkCelRules(rules, root.spec, 'spec', broken))
    }
    return { spec: root.spec, problems }
  }
}

function compileSchema(schema: StructuralSchema): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strict: false })
  addFormats(ajv)
  return ajv.compile({ type: 'object', properties: { spec: encodeAjvSchema(schema) }, required: ['spec'] })
}

function pruneUnknownField(root: object, error: ErrorObject): void {
  if (error.keyword !== 'additionalProperties') return
  let holder: unknown = root
  for (const part of readPointer(error.instancePath)) {
    holder = typeof holder === 'object' && holder !== null ? Reflect.get(holder, part) : undefined
  }
  if (typeof holder === 'object' && holder !== null) {
    Reflect.deleteProperty(holder, String(error.params.additionalProperty))
  }
}
