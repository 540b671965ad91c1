import { writeGguf } from './write-gguf.ts'

const width = 64
const inner = 128
const heads = 4
const layers = 2
const context = 4096

/** A llama of two layers that has learned nothing: what it says is noise, and always the same. */
export function randomLlama(): Buffer {
  const vocabulary = describeVocabulary()
  const random = createRandom()
  const tensor = (name: string, ...shape: number[]) => {
    const count = shape.reduce((all, size) => all * size, 1)
    // A norm that multiplies by less than one would silence what follows.
    const draw = shape.length === 1 ? () => 1 : () => (random() - 0.5) * 0.4
    return { name, shape, data: Float32Array.from({ length: count }, draw) }
  }
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const of = (name: string, ...shape: number[]) => tensor(`blk.${layer}.${name}.weight`, ...shape)
    return [
      of('attn_norm', width),
      of('attn_q', width, width),
      of('attn_k', width, width),
      of('attn_v', width, width),
      of('attn_output', width, width),
      of('ffn_norm', width),
      of('ffn_gate', width, inner),
      of('ffn_up', width, inner),
      of('ffn_down', inner, width),
    ]
  })
  const uint32 = (value: number) => ({ type: 'uint32', value }) as const
  return writeGguf(
    {
      'general.architecture': { type: 'string', value: 'llama' },
      'general.name': { type: 'string', value: 'random' },
      'llama.context_length': uint32(context),
      'llama.embedding_length': uint32(width),
      'llama.block_count': uint32(layers),
      'llama.feed_forward_length': uint32(inner),
      'llama.attention.head_count': uint32(heads),
      'llama.attention.head_count_kv': uint32(heads),
      'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
      'llama.rope.dimension_count': uint32(width / heads),
      'llama.vocab_size': uint32(vocabulary.length),
      'tokenizer.ggml.model': { type: 'string', value: 'llama' },
      'tokenizer.ggml.tokens': { type: 'strings', value: vocabulary.map(({ token }) => token) },
      'tokenizer.ggml.scores': { type: 'float32s', value: vocabulary.map((_, index) => -index) },
      'tokenizer.ggml.token_type': { type: 'int32s', value: vocabulary.map(({ type }) => type) },
      'tokenizer.ggml.unknown_token_id': uint32(0),
      'tokenizer.ggml.bos_token_id': uint32(1),
      'tokenizer.ggml.eos_token_id': uint32(2),
    },
    [
      tensor('token_embd.weight', width, vocabulary.length),
      ...blocks.flat(),
      tensor('output_norm.weight', width),
      writeOutput(tensor('output.weight', width, vocabulary.length)),
    ],
  )
}

/** Decided about letters and bytes, and not inclined to end: so an answer is as long as was asked. */
function writeOutput<T extends { data: Float32Array }>(tensor: T): T {
  const { data } = tensor
  for (let index = 0; index < data.length; index += 1) data[index]! *= index < 3 * width ? 0 : 6
  return tensor
}

/** llama.cpp's kinds of tokens. */
const kinds = { normal: 1, unknown: 2, control: 3, byte: 6 }

/** Every byte, so that any text can be said, and letters of their own. */
function describeVocabulary(): { token: string; type: number }[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => {
    return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
  })
  return [
    { token: '<unk>', type: kinds.unknown },
    { token: '<s>', type: kinds.control },
    { token: '</s>', type: kinds.control },
    ...bytes.map((token) => ({ token, type: kinds.byte })),
    ...['▁', ...'abcdefghijklmnopqrstuvwxyz'.split('')].map((token) => ({
      token,
      type: kinds.normal,
    })),
  ]
}

/** The same numbers each time, in [0, 1). */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
