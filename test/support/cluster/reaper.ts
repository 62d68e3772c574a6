// Ends a control plane with its owner: a small shell that waits on a pipe only we hold. When this process is gone,
// however it went (SIGKILL too), the pipe closes, and the shell kills what the pid files name and removes the folder.
import { spawn } from 'node:child_process'

const script = `
trap '' INT TERM HUP
read -r _
for round in 1 2 3; do
  for file in "$0"/*.pid; do
    [ -f "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null
  done
  rm -rf "$0" 2>/dev/null && break
  sleep 0.2
done
`

/** Watches over `folder`. `release` ends the shell, which cleans up what is left, and resolves when it is done. */
export function startReaper(folder: string): { readonly pid: number; release(): Promise<void> } {
  const shell = spawn('sh', ['-c', script, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  shell.unref()
  // A socket at run time, though typed as a plain stream: it must not keep this process alive.
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref()
  shell.stdin.on('error', () => {})
  const exited = new Promise<void>((resolve) => shell.once('exit', () => resolve()))
  return {
    pid: shell.pid ?? -1,
    async release() {
      shell.ref()
      shell.stdin.end()
      await exited
    },
  }
}
