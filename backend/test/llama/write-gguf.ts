type Value =
  | { type: 'uint32'; value: number }
  | { type: 'float32'; value: number }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'float32s'; value: readonly number[] }
  | { type: 'int32s'; value: readonly number[] }

const types = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 }
const alignment = 32

/** A file of llama.cpp's format GGUF (version 3), its tensors all of 32-bit floats. */
export function writeGguf(
  metadata: Readonly<Record<string, Value>>,
  tensors: readonly { name: string; shape: readonly number[]; data: Float32Array }[],
): Buffer {
  let offset = 0
  const infos = tensors.flatMap(({ data, name, shape }) => {
    const info = [text(name), uint32(shape.length), ...shape.map(uint64), uint32(0), uint64(offset)]
    offset = align(offset + data.byteLength)
    return info
  })
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(Object.keys(metadata).length),
    ...Object.entries(metadata).flatMap(([key, value]) => [text(key), ...write(value)]),
    ...infos,
  ])
  return Buffer.concat([
    pad(head),
    ...tensors.map(({ data }) => pad(Buffer.from(data.buffer, data.byteOffset, data.byteLength))),
  ])
}

function write(entry: Value): Buffer[] {
  switch (entry.type) {
    case 'uint32':
      return [uint32(types.uint32), uint32(entry.value)]
    case 'float32':
      return [uint32(types.float32), float32(entry.value)]
    case 'string':
      return [uint32(types.string), text(entry.value)]
    case 'strings':
      return list(types.string, entry.value.map(text))
    case 'float32s':
      return list(types.float32, entry.value.map(float32))
    case 'int32s':
      return list(types.int32, entry.value.map(uint32))
  }
}

function list(type: number, items: Buffer[]): Buffer[] {
  return [uint32(types.array), uint32(type), uint64(items.length), ...items]
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

function align(size: number): number {
  return Math.ceil(size / alignment) * alignment
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(align(bytes.length) - bytes.length)])
}
