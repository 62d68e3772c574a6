// `sluice simulate`: reads the flags, runs the simulated model server until it is told to stop.
import { type Command, Option } from 'commander'
import { createSimulator } from '../simulator/create-simulator.ts'
import { parseSimulatorFlags, type SimulatorFlags } from '../simulator/parse-simulator-flags.ts'
import type { SimulatorSettings } from '../simulator/simulator-settings.ts'

const options: readonly (readonly [flags: string, text: string])[] = [
  ['--listen <host:port>', 'where to listen; port 0 is a free one (default 127.0.0.1:8000)'],
  ['--ttft <duration>', 'time to the first token (default 5ms)'],
  ['--inter-token <duration>', 'time between two tokens (default 1ms)'],
  ['--fail-rate <share>', 'share of requests, 0 to 1, answered with --fail-status (default 0)'],
  ['--fail-status <status>', 'status of those answers (default 500)'],
  ['--reset-rate <share>', 'share of requests whose connection is reset (default 0)'],
  ['--hang-rate <share>', 'share of requests that go silent (default 0)'],
  ['--tokens <count>', 'tokens of an answer (default 32)'],
  ['--seed <number>', 'what chance starts from (default 1)'],
  ['--models <names>', 'the models that exist, with commas between (default: every name is served)'],
]

/** Adds the command. A bad flag is one line on stderr and exit 2; SIGTERM and SIGINT stop it with exit 0. */
export function addSimulateCommand(program: Command): void {
  const command = program
    .command('simulate')
    .description('an OpenAI- and Anthropic-shaped model server, for trying, testing and load')
  for (const [flags, text] of options) {
    const option = new Option(flags, text)
    command.addOption(option.env(`SLUICE_SIMULATE_${option.name().replaceAll('-', '_').toUpperCase()}`))
  }
  command.showSuggestionAfterError(false).exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  command.action(async (flags: SimulatorFlags) => {
    // An empty variable is an unset one, an empty flag is a mistake.
    const isSet = ([name, text]: readonly [string, string]) =>
      text !== '' || command.getOptionValueSource(name) !== 'env'
    const parsed = parseSimulatorFlags(Object.fromEntries(Object.entries(flags).filter(isSet)))
    if (typeof parsed === 'string') command.error(`error: ${parsed}`, { exitCode: 2 })
    else await runSimulator(parsed)
  })
}

async function runSimulator(settings: SimulatorSettings): Promise<void> {
  const simulator = createSimulator(settings)
  let url: string
  try {
    url = (await simulator.start()).url
  } catch (error) {
    process.stderr.write(`error: --listen ${settings.host}:${settings.port}: ${describe(error)}\n`)
    process.exitCode = 1
    return
  }
  const model = settings.models?.[0] ?? 'any-name'
  const body = `{"model":"${model}","stream":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}`
  process.stdout.write(
    `Simulated model server on ${url}, models: ${settings.models?.join(', ') ?? 'any name'}\n` +
      `  OpenAI    ${url}/v1  (chat, completions, responses, embeddings, moderations, rerank, images, audio, models)\n` +
      `  Anthropic ${url}/v1/messages\n` +
      `Try it:\n  curl -N ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'\n`,
  )
  const stop = () => {
    process.off('SIGTERM', stop).off('SIGINT', stop)
    void simulator.stop()
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
