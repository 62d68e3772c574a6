// A real llama.cpp server with a tiny model, where the machine has one: SLUICE_LLAMA_PYTHON names a Python that has the
// package `xllamacpp` (llama.cpp's own HTTP server in a wheel). docs/providers.md says how to get it in one command.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../until.ts'
import { renderTinyModel } from './tiny-model.ts'

export type LlamaServer = Readonly<{
  /** With `/v1`. */
  url: string
  stop(): Promise<void>
}>

const python = process.env.SLUICE_LLAMA_PYTHON ?? ''

/** Why there is no such server here; null: there is one. Throws where the variable is set and wrong. */
export const llamaMissing: string | null = findMissing()

function findMissing(): string | null {
  if (python === '') return 'SLUICE_LLAMA_PYTHON is not set'
  const { status, stderr } = spawnSync(python, ['-c', 'import xllamacpp'], { encoding: 'utf8' })
  if (status === 0) return null
  throw new Error(`SLUICE_LLAMA_PYTHON=${python} has no xllamacpp: ${stderr}`)
}

export async function startLlamaServer(): Promise<LlamaServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-llama-'))
  const modelPath = join(folder, 'tiny.gguf')
  writeFileSync(modelPath, renderTinyModel())
  const script = fileURLToPath(new URL('serve.py', import.meta.url))
  // It ends when its standard input does, and so with this process.
  const child = spawn(python, [script, modelPath], { stdio: ['pipe', 'pipe', 'pipe'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  let log = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    log = `${log}${bytes.toString()}`.slice(-5_000)
  })
  const readAddress = () => /^listening (http:\S+)$/m.exec(said)?.[1]
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`llama.cpp ended: ${log}`)
      return readAddress() !== undefined
    },
    'llama.cpp listens',
    30_000,
  )
  return {
    url: `${readAddress()}/v1`,
    async stop() {
      child.stdin.end()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
