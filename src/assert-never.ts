// Ends every switch over a union: a member added later fails the type check here.

export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}
