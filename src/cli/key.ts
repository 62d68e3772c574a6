// `sluice key`: makes API keys and the digests that stand for them in a Secret.
import { createHash, randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'

export function addKeyCommand(program: Command): void {
  const command = program.command('key').description('make API keys and their digests')
  command
    .command('generate')
    .description('a new key, and the digest to store for it')
    .addOption(new Option('--prefix <text>', 'what the key begins with').default('sk-sluice-').env('SLUICE_KEY_PREFIX'))
    .action(({ prefix }: { prefix: string }) => {
      if (!/^[\x21-\x7e]{0,32}$/.test(prefix)) {
        command.error(`error: --prefix: '${prefix}' is not up to 32 visible ASCII characters`, { exitCode: 2 })
      }
      const key = prefix + randomBytes(32).toString('base64url')
      process.stdout.write(`key:    ${key}\nstored: ${digest(key)}\n`)
    })
  command
    .command('hash')
    .description('the digest of a key, which a Secret may hold instead of it')
    .argument('[key]', 'the key; read from standard input where it is left out, so that no shell history has it')
    .action(async (key: string | undefined) => {
      const value = (key ?? (await text(process.stdin))).replace(/\r?\n$/, '')
      if (!/^[\x21-\x7e]+$/.test(value)) command.error('error: key: must be visible ASCII, not empty', { exitCode: 2 })
      process.stdout.write(`${digest(value)}\n`)
    })
}

function digest(key: string): string {
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}
