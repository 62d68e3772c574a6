// `sluice validate PATH…`: an offline check of manifests, everything `serve` would refuse or leave out, in one go.
// Starts nothing and changes nothing.
import type { Condition, ResourceStatus } from '../api/conditions.ts'
import { compile } from '../compiler/compile.ts'
import { describeField } from '../config/file/describe-problem.ts'
import { locateField } from '../config/file/locate-field.ts'
import { type Manifests, readManifests } from '../config/file/read-manifests.ts'
import { createResourceValidator } from '../config/validation/resource-validator.ts'

export type ValidateStreams = Readonly<{
  stdout: Readonly<{ write(text: string): unknown; isTTY?: boolean }>
  stderr: Readonly<{ write(text: string): unknown }>
  /** For `${NAME}` in Secrets, and `NO_COLOR`. */
  environment: NodeJS.ProcessEnv
}>

type Finding = Readonly<{
  severity: 'error' | 'warning'
  shownPath: string
  /** 1-based; 0: the file as a whole. */
  line: number
  text: string
}>

/**
 * Prints `file:line: path: reason` for each error, `file:line: warning: …` for what does nothing yet, and a summary.
 * Exit code: 0, 1 for errors in manifests, 2 for paths that can't be used.
 */
export async function runValidate(paths: readonly string[], streams: ValidateStreams): Promise<0 | 1 | 2> {
  const { stdout, stderr, environment } = streams
  if (paths.length === 0) {
    stderr.write('validate: name at least one file or folder\n')
    return 2
  }
  const manifests = await readManifests(paths, { validator: createResourceValidator(), environment })
  if (manifests.unusablePaths.length > 0) {
    for (const { shownPath, reason } of manifests.unusablePaths) stderr.write(`${shownPath}: ${reason}\n`)
    return 2
  }
  const findings = [...listFileFindings(manifests), ...listCompileFindings(manifests)].sort(compareFindings)
  const paint = createPaint(stdout.isTTY === true && !environment.NO_COLOR)
  for (const finding of findings) stdout.write(`${renderFinding(finding, paint)}\n`)
  const errorCount = findings.filter(({ severity }) => severity === 'error').length
  stdout.write(`${renderSummary(manifests, errorCount, paint)}\n`)
  return errorCount > 0 ? 1 : 0
}

function listFileFindings({ unreadable, world }: Manifests): readonly Finding[] {
  return [
    ...unreadable.map(({ shownPath, line, reason }) => ({ severity: 'error', shownPath, line, text: reason }) as const),
    ...world.problems.map((problem) => {
      const { shownPath, line } = problem
      return { severity: 'error', shownPath, line, text: describeField(problem) } as const
    }),
  ]
}

/** What the compiler has to say of objects that are good by themselves: references, conflicts, claims. */
function listCompileFindings(manifests: Manifests): readonly Finding[] {
  const { resources } = manifests.world
  const rejected = new Set(
    resources.rejected.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`),
  )
  return compile({ resources, lastGood: null }).statuses.flatMap((status) => {
    const key = `${status.kind}/${status.namespace}/${status.name}`
    return rejected.has(key) ? [] : listStatusFindings(status, key, manifests)
  })
}

function listStatusFindings({ conditions }: ResourceStatus, key: string, manifests: Manifests): readonly Finding[] {
  const errors = conditions.filter(isError).flatMap(({ message }) => splitFields(message))
  const warnings = conditions.flatMap((condition) => listWarnings(condition, errors.length > 0))
  return [
    ...errors.map((text) => place('error', key, text, manifests)),
    ...warnings.map((text) => place('warning', key, text, manifests)),
  ]
}

/** A closed route without a policy is a warning: the policy may come from elsewhere, and until then nobody gets in. */
function isError({ type, status }: Condition): boolean {
  return (type === 'Accepted' || type === 'ResolvedRefs') && status === 'False'
}

/** What the compiler notes of something that does nothing as it is written. What may come from elsewhere is no warning. */
const withoutEffect =
  /^not in effect yet: |: nothing counts against such a budget$|, \S+ does not get it$|: it is left out$/

/** What follows from an error is not said again. */
function listWarnings(condition: Condition, hasErrors: boolean): readonly string[] {
  const { type, status, message } = condition
  if (type === 'Degraded' && status === 'True') return hasErrors || isError(condition) ? [] : [message]
  if (type !== 'Accepted' || status !== 'True') return []
  return splitNotes(message).filter((note) => withoutEffect.test(note))
}

/** The notes of one message; what is not in effect is its last. */
function splitNotes(message: string): readonly string[] {
  const [notes = '', unused] = message.split(/(?:^|; )(?=not in effect yet: )/)
  return unused === undefined ? notes.split('; ') : [...notes.split('; '), unused]
}

/** The compiler joins what it has to say of several fields into one message. */
function splitFields(message: string): readonly string[] {
  return message.split(/; (?=(?:spec|metadata)[.[])/)
}

/** At the line of the field that the text begins with, or at the object's. */
function place(severity: Finding['severity'], key: string, text: string, { files }: Manifests): Finding {
  const field = /^((?:spec|metadata)[^\s:]*): /.exec(text)?.[1] ?? ''
  for (const { shownPath, content } of files) {
    const line = locateField(content, key, field)
    if (line !== null) return { severity, shownPath, line, text: field === '' ? `${describeKey(key)}: ${text}` : text }
  }
  return { severity, shownPath: key, line: 0, text }
}

function describeKey(key: string): string {
  const [kind = '', ...name] = key.split('/')
  return `${kind} ${name.join('/')}`
}

function compareFindings(one: Finding, other: Finding): number {
  if (one.shownPath !== other.shownPath) return one.shownPath < other.shownPath ? -1 : 1
  return one.line - other.line
}

type Paint = (colour: 'red' | 'yellow' | 'green', text: string) => string

function createPaint(isOn: boolean): Paint {
  const codes = { red: 31, yellow: 33, green: 32 }
  return (colour, text) => (isOn ? `\u001b[${codes[colour]}m${text}\u001b[39m` : text)
}

function renderFinding({ severity, shownPath, line, text }: Finding, paint: Paint): string {
  const location = line === 0 ? shownPath : `${shownPath}:${line}`
  return severity === 'error'
    ? `${location}: ${paint('red', text)}`
    : `${location}: ${paint('yellow', 'warning')}: ${text}`
}

function renderSummary({ files, unreadable }: Manifests, errorCount: number, paint: Paint): string {
  if (errorCount > 0) return paint('red', count(errorCount, 'error'))
  const objectCount = files.reduce((sum, { content }) => sum + content.objectCount, 0)
  const fileCount = files.length + new Set(unreadable.map(({ shownPath }) => shownPath)).size
  return `${count(objectCount, 'object')} in ${count(fileCount, 'file')}: ${paint('green', 'ok')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
