// `sluice serve`: the data plane as a process. Owns signals, the exit code and what a person reads at start.

import type { AddressInfo } from 'node:net'
import type { Command } from 'commander'
import { ConfigurationError } from '../config/source.ts'
import { createGateway } from '../gateway.ts'
import type { ServeSettings } from '../settings.ts'
import { describeCause } from '../telemetry/describe-cause.ts'
import { createLogger } from '../telemetry/logger.ts'
import { checkPathExists, FlagError } from './flag-readers.ts'
import { renderBanner } from './render-banner.ts'
import { addServeFlags, parseServeFlags, readServeFlags } from './serve-flags.ts'

export function addServeCommand(program: Command): void {
  const command = program.command('serve').description('the data plane: serve resources from a folder or a cluster')
  addServeFlags(command).action(async () => {
    let settings: ServeSettings
    try {
      settings = parseServeFlags(readServeFlags(command), process.stdout.isTTY === true)
      checkPaths(settings)
    } catch (error) {
      if (error instanceof FlagError) command.error(`error: ${error.message}`, { exitCode: 2 })
      throw error
    }
    await runServe(settings)
  })
}

/** A path that is not there is a bad setting, not a bad manifest. */
function checkPaths({ configPaths, kubernetes }: ServeSettings): void {
  for (const path of configPaths) checkPathExists('config', path)
  if (kubernetes.kubeconfigPath !== null) checkPathExists('kubeconfig', kubernetes.kubeconfigPath)
}

async function runServe(settings: ServeSettings): Promise<void> {
  const startedAt = performance.now()
  const { logger, writeLine, print, flush } = await createLogger(settings.log)
  const gateway = await createGateway(settings, logger, process.env, writeLine)
  let exit: Promise<void> | null = null

  const end = (code: number) => {
    flush()
    process.exit(code)
  }
  const onSignal = (signal: NodeJS.Signals) => {
    const isSecond = exit !== null
    logger.info({ signal }, isSecond ? 'ending now' : 'draining')
    // A person at the keyboard has no load balancer to wait for.
    const delayMs = signal === 'SIGINT' ? 0 : settings.drainDelayMs
    const drained = gateway.drain({ isHurried: isSecond, delayMs })
    exit ??= drained.then(
      () => {
        logger.info('ended')
        end(0)
      },
      (error: unknown) => {
        logger.error({ cause: describeCause(error) }, 'the drain failed')
        end(1)
      },
    )
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  // Nothing a terminal or an init system means by it applies: files are watched, there is nothing to reload.
  process.on('SIGHUP', () => logger.info('SIGHUP: nothing to do, manifests are reloaded when they change'))
  const onBug = (error: unknown) => {
    logger.fatal({ cause: describeCause(error) }, 'a bug: ending after a drain')
    gateway.drain({ delayMs: 0 }).then(
      () => end(1),
      () => end(1),
    )
  }
  process.on('uncaughtException', onBug).on('unhandledRejection', onBug)

  try {
    const { data, admin, bound, statuses, demoKey } = await gateway.start()
    const startMs = Math.round(performance.now() - startedAt)
    const fields = { listen: renderAddress(data), admin: renderAddress(admin), startMs, objects: statuses.length }
    logger.info({ ...fields, generation: bound.generation }, 'serving')
    if (settings.simulate || settings.log.format === 'pretty') {
      print(renderBanner(bound, { data: renderAddress(data), admin: renderAddress(admin), demoKey }))
    }
  } catch (error) {
    if (exit !== null) return
    flush()
    for (const line of describe(error, settings)) process.stderr.write(`error: ${line}\n`)
    process.exit(1)
  }
}

function describe(error: unknown, settings: ServeSettings): readonly string[] {
  if (error instanceof ConfigurationError) return error.lines
  if (error instanceof Error && 'code' in error && 'port' in error) {
    const flag = error.port === settings.admin.port ? '--admin' : '--listen'
    const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : String(error.code)
    return [`${flag}: ${String('address' in error ? error.address : '')}:${String(error.port)}: ${reason}`]
  }
  return [describeCause(error)]
}

function renderAddress({ address, port, family }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}
