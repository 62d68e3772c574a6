// A validated Secret as a file has it → as the API server would hand it out: `${NAME}` read from the environment,
// `stringData` folded into `data`. No message holds a value.
import type { Secret } from '../../api/resource.ts'
import { appendField, type FieldProblem } from '../validation/validation-problem.ts'

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

export type ReadSecret = Readonly<{ secret: Secret; problems: readonly FieldProblem[] }>

/** `${NAME}` may stand anywhere in a value of `stringData`, more than once. With problems the secret is of no use. */
export function readSecret(written: Secret, environment: NodeJS.ProcessEnv): ReadSecret {
  const { stringData = {}, data = {}, ...rest } = written
  const problems: FieldProblem[] = []
  const resolve = (key: string, text: string) =>
    text.replace(variable, (whole, name: string) => {
      const found = environment[name]
      if (found !== undefined) return found
      problems.push({ path: appendField('stringData', key), reason: `environment variable ${name} is not set` })
      return whole
    })
  const packed = Object.entries(stringData).map(
    ([key, text]) => [key, Buffer.from(resolve(key, text), 'utf8').toString('base64')] as const,
  )
  return { secret: { ...rest, data: { ...data, ...Object.fromEntries(packed) } }, problems }
}
