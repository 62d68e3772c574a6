// Waits for a fact, with a deadline: the one place of the tests that uses a timer. Nothing here sleeps for its own sake.

export const defaultDeadlineMs = 5_000

/**
 * Polls every 5 ms until `read` returns (or resolves to) something other than false, null or undefined, and returns it.
 * Rejects after the deadline with `what` in its message.
 */
export async function until<Value>(
  read: () => Value | Promise<Value>,
  what: string,
  deadlineMs = defaultDeadlineMs,
): Promise<Exclude<Value, false | null | undefined>> {
  const start = performance.now()
  for (;;) {
    const value = await read()
    if (isFact(value)) return value
    if (performance.now() - start > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function isFact<Value>(value: Value): value is Exclude<Value, false | null | undefined> {
  return value !== false && value !== null && value !== undefined
}

/** The promise's result, or a rejection that names `what` when it has none by the deadline. */
export async function withDeadline<Value>(
  promise: Promise<Value>,
  what: string,
  deadlineMs = defaultDeadlineMs,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
