// Runs the shell blocks of a page as a reader would paste them, in one shell, and compares what each prints with the
// `text` block under it. In what is expected, `...` stands for anything: alone on a line for any lines.
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Where there is no curl, and nobody said that everything must be there. */
export const isWithoutCurl = spawnSync('curl', ['--version']).status !== 0 && process.env.CI !== 'true'

export type PageStep = Readonly<{
  command: string
  /** Null: whatever it prints. */
  expected: string | null
  line: number
}>

const blockPattern = /^```sh\n([\s\S]*?)^```$(?:\s*^```text\n([\s\S]*?)^```$)?|^```console\n\$ (.*\n)([\s\S]*?)^```$/gm

/** Every `sh` block of a Markdown page, in order, and every `console` block: `$ `, a command, what it prints. */
export function readSteps(page: string): readonly PageStep[] {
  return [...page.matchAll(blockPattern)].map((match) => ({
    command: match[1] ?? match[3] ?? '',
    expected: match[2] ?? match[4] ?? null,
    line: page.slice(0, match.index).split('\n').length,
  }))
}

/** What each step printed on stdout. `replace`: for what the page says of ports. Rejects when the shell fails. */
export async function runSteps(
  steps: readonly PageStep[],
  cwd: string,
  replace: (command: string) => string,
): Promise<readonly string[]> {
  const marker = '----- end of a block'
  const script = steps.map(({ command }) => `${replace(command)}\nprintf '\\n${marker}\\n'`).join('\n')
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd, timeout: 60_000 })
  return stdout.split(`\n${marker}\n`).slice(0, steps.length)
}

/** The first expected line that is not there, in order; null when all are. */
export function findDifference(printed: string, expected: string): string | null {
  const lines = printed.split(/\r?\n/)
  let at = 0
  for (const line of expected.trimEnd().split('\n')) {
    if (line === '...') continue
    const pattern = new RegExp(`^${line.split('...').map(escapePattern).join('.*')}$`)
    const found = lines.findIndex((candidate, index) => index >= at && pattern.test(candidate))
    if (found < 0) return line
    at = found + 1
  }
  return null
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
