// Holds the current bound table: one reference, swapped whole. Who starts an exchange reads it once and keeps it.

export class SnapshotHolder<T> {
  #current: T

  constructor(first: T) {
    this.#current = first
  }

  get current(): T {
    return this.#current
  }

  swap(next: T): T {
    const previous = this.#current
    this.#current = next
    return previous
  }
}
