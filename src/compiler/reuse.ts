// Owns the identity of compiled data: what came out the same as last time is the same object, so that the digest, and
// whoever binds the table, need not look into it again. Changes no value.

/** `key` is what the data was made from, a parsed object; it holds the last result for as long as it lives itself. */
export function createReuse<T extends object>(): (key: object, next: T) => T {
  const last = new WeakMap<object, T>()
  return (key, next) => {
    const previous = last.get(key)
    if (previous !== undefined && isSameData(previous, next)) return previous
    last.set(key, next)
    return next
  }
}

/** For plain data: primitives, lists and records. Parts that are the same object are not walked. */
function isSameData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => isSameData(item, b[at]))
  }
  const fields = Object.entries(a)
  const others = new Map(Object.entries(b))
  return fields.length === others.size && fields.every(([name, value]) => isSameData(value, others.get(name)))
}
