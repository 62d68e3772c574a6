// Writes a GGUF file: metadata, then tensors of 32-bit floats. Only what a small model for tests needs.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

export type GgufValue =
  | Readonly<{ type: 'string'; value: string }>
  | Readonly<{ type: 'uint32' | 'float32'; value: number }>
  | Readonly<{ type: 'bool'; value: boolean }>
  | Readonly<{ type: 'strings'; value: readonly string[] }>
  | Readonly<{ type: 'float32s' | 'int32s'; value: readonly number[] }>

/** `shape`: the innermost dimension (how long a row is) first. */
export type GgufTensor = Readonly<{ name: string; shape: readonly number[]; values: Float32Array }>

const version = 3
const alignment = 32
const typeCodes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const
const tensorFloat32 = 0

export function renderGguf(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const entries = Object.entries(metadata)
  const head: Buffer[] = [Buffer.from('GGUF'), uint32(version), uint64(tensors.length), uint64(entries.length)]
  for (const [name, value] of entries) head.push(text(name), renderValue(value))
  const bodies: Buffer[] = []
  let offset = 0
  for (const { name, shape, values } of tensors) {
    head.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(tensorFloat32), uint64(offset))
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
    bodies.push(bytes, padding(bytes.length))
    offset += bytes.length + padding(bytes.length).length
  }
  const headBytes = Buffer.concat(head)
  return Buffer.concat([headBytes, padding(headBytes.length), ...bodies])
}

function renderValue(given: GgufValue): Buffer {
  switch (given.type) {
    case 'string':
      return Buffer.concat([uint32(typeCodes.string), text(given.value)])
    case 'uint32':
      return Buffer.concat([uint32(typeCodes.uint32), uint32(given.value)])
    case 'float32':
      return Buffer.concat([uint32(typeCodes.float32), float32(given.value)])
    case 'bool':
      return Buffer.concat([uint32(typeCodes.bool), Buffer.from([given.value ? 1 : 0])])
    case 'strings':
      return renderArray(typeCodes.string, given.value.map(text))
    case 'float32s':
      return renderArray(typeCodes.float32, given.value.map(float32))
    case 'int32s':
      return renderArray(typeCodes.int32, given.value.map(uint32))
  }
}

function renderArray(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(typeCodes.array), uint32(type), uint64(items.length), ...items])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function padding(length: number): Buffer {
  return Buffer.alloc((alignment - (length % alignment)) % alignment)
}
