// Flags of `sluice simulate`, as texts from the command line or the environment, to settings.
import { parseGoDurationMs } from './parse-go-duration.ts'
import { defaultSimulatorSettings, type SimulatorSettings } from './simulator-settings.ts'

export type SimulatorFlags = Readonly<
  Partial<
    Record<
      | 'listen'
      | 'ttft'
      | 'interToken'
      | 'failRate'
      | 'failStatus'
      | 'resetRate'
      | 'hangRate'
      | 'tokens'
      | 'seed'
      | 'models',
      string
    >
  >
>

/** The settings, or one line that names the first bad flag. */
export function parseSimulatorFlags(flags: SimulatorFlags): SimulatorSettings | string {
  const problems: string[] = []
  const read = <Value>(
    name: keyof SimulatorFlags,
    fallback: Value,
    parse: (text: string) => Value | null,
    wanted: string,
  ) => {
    const text = flags[name]
    if (text === undefined) return fallback
    const value = parse(text.trim())
    if (value !== null) return value
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    problems.push(`--${flag}: '${text}' is not ${wanted}`)
    return fallback
  }
  const defaults = defaultSimulatorSettings
  const aDuration = 'a duration such as 250ms or 1.5s'
  const aShare = 'a share from 0 to 1'
  const address = read('listen', { host: defaults.host, port: defaults.port }, parseAddress, 'HOST:PORT')
  const settings: SimulatorSettings = {
    ...address,
    ttftMs: read('ttft', defaults.ttftMs, parseGoDurationMs, aDuration),
    interTokenMs: read('interToken', defaults.interTokenMs, parseGoDurationMs, aDuration),
    failRate: read('failRate', defaults.failRate, parseShare, aShare),
    failStatus: read(
      'failStatus',
      defaults.failStatus,
      (text) => parseWhole(text, 400, 599),
      'a status from 400 to 599',
    ),
    resetRate: read('resetRate', defaults.resetRate, parseShare, aShare),
    hangRate: read('hangRate', defaults.hangRate, parseShare, aShare),
    answerTokens: read(
      'tokens',
      defaults.answerTokens,
      (text) => parseWhole(text, 1, 100_000),
      'a count from 1 to 100000',
    ),
    seed: read('seed', defaults.seed, (text) => parseWhole(text, 0, 2 ** 32 - 1), 'a whole number'),
    models: read('models', defaults.models, parseNames, 'a list of model names with commas between'),
  }
  if (problems.length === 0 && settings.failRate + settings.resetRate + settings.hangRate > 1) {
    problems.push('--fail-rate, --reset-rate and --hang-rate: together more than 1')
  }
  return problems[0] ?? settings
}

function parseAddress(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text)
  if (match === null) return null
  const port = Number(match[3])
  // `:8000` is every address, as Go's servers have it.
  return port > 65_535 ? null : { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

function parseShare(text: string): number | null {
  const value = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN
  return value >= 0 && value <= 1 ? value : null
}

function parseWhole(text: string, least: number, most: number): number | null {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : null
}

function parseNames(text: string): string[] | null {
  const names = text.split(',').map((name) => name.trim())
  return names.every((name) => name !== '') ? names : null
}
