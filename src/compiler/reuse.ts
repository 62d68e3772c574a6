// Owns the identity of compiled data: what came out the same as last time is the same object, so that the digest, and
// whoever binds the table, need not look into it again. Changes no value.

/** `key` is what the data was made from, a parsed object; it holds the last result for as long as it lives itself. */
export function createReuse<T extends object>(
  isSame: (a: T, b: T) => boolean = isSameData,
): (key: object, next: T) => T {
  const last = new WeakMap<object, T>()
  return (key, next) => {
    const previous = last.get(key)
    if (previous !== undefined && isSame(previous, next)) return previous
    last.set(key, next)
    return next
  }
}

/** For plain data: primitives, lists and records. Parts that are the same object are not walked. */
export function isSameData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false
  let fields = 0
  for (const name in a) {
    if (!isSameData(a[name], b[name])) return false
    fields += 1
  }
  // An undefined field is never made here, so a name that only `b` has shows in the count.
  for (const _name in b) fields -= 1
  return fields === 0
}

/** Lists too: their members have names as well. */
function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
