// What was thrown, as the log has it: with its stack, for whoever mends it.

export function describeCause(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}
