import { readMebibytes } from './quantity.ts'
import { readText } from './read-fields.ts'

/** What device plugins offer and pods ask for by a name of its own: anything that is not Kubernetes' own. */
export function isExtended(resource: string): boolean {
  return resource.includes('/') && !/(^|\.)kubernetes\.io\//.test(resource)
}

/** Extended resources that are known as accelerators, whole, shared or sliced. */
export function isAccelerator(resource: string): boolean {
  if (resource.startsWith('gpu.intel.com/')) {
    return !/\/(memory\.max|millicores|tiles)$|_monitoring$|-monitoring$/.test(resource)
  }
  return /^(nvidia\.com\/(gpu(\.shared)?|mig-[a-z0-9.-]+|pgpu)|amd\.com\/(gpu|[a-z0-9]+_[a-z0-9_]+)|habana\.ai\/gaudi[0-9]*|google\.com\/tpu|aws\.amazon\.com\/(neuron(core|device)?)|huawei\.com\/Ascend[A-Za-z0-9-]*|qualcomm\.com\/qaic|tenstorrent\.com\/[a-z0-9]+)$/.test(
    resource,
  )
}

const deviceWords =
  /^(gpus?|[npthxdvg]pus?|vgpus?|gcus?|mlus?|dcus?|qaic|gaudi\d*|neuron|mig|accelerators?)$/
const amountWords = /^(mem|memory|vram|cores?|millicores|percent(age)?|bandwidth|tiles|monitoring)$/

/** Those, and others that call themselves so: counted with the GPUs, under their own name. */
export function isAcceleratorLike(resource: string): boolean {
  if (isAccelerator(resource)) return true
  if (!isExtended(resource) || resource.startsWith('gpu.intel.com/')) return false
  const words = resource
    .slice(resource.indexOf('/') + 1)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  // What is counted in memory or shares of a card is no device.
  return (
    words.some((word) => deviceWords.test(word)) && !words.some((word) => amountWords.test(word))
  )
}

const productLabels: readonly [resource: RegExp, labels: readonly string[]][] = [
  [
    /^nvidia\.com\//,
    [
      'nvidia.com/gpu.product',
      'cloud.google.com/gke-accelerator',
      'karpenter.k8s.aws/instance-gpu-name',
      'k8s.amazonaws.com/accelerator',
    ],
  ],
  [
    /^amd\.com\//,
    ['amd.com/gpu.product-name', 'beta.amd.com/gpu.product-name', 'amd.com/gpu.device-id'],
  ],
  [/^gpu\.intel\.com\//, ['gpu.intel.com/product', 'gpu.intel.com/family']],
  [/^habana\.ai\//, ['habana.ai/hpu.product', 'habana.ai/gaudi.product']],
  [/^google\.com\/tpu/, ['cloud.google.com/gke-tpu-accelerator']],
]

/** What a node's labels call the devices behind a resource; the resource's own name where nobody says it of that one. */
export function nameProduct(resource: string, labels: Record<string, unknown>): string {
  const own = readText(labels[`${resource}.product`])
  if (own !== null) return own
  if (!isAccelerator(resource)) return resource
  const [, names = []] = productLabels.find(([pattern]) => pattern.test(resource)) ?? []
  const card = names.map((name) => readText(labels[name])).find((product) => product !== null)
  if (card === undefined || card === null) return resource
  const [, slice] = /^nvidia\.com\/(mig-.+)$/.exec(resource) ?? []
  return slice === undefined ? card : `${card}-${slice.replace('mig', 'MIG')}`
}

/** The memory of one device in MiB; null where no label says it of that resource. */
export function readMemory(resource: string, labels: Record<string, unknown>): number | null {
  const isCard = /^nvidia\.com\/(gpu(\.shared)?|pgpu)$/.test(resource)
  const mebibytes =
    readText(labels[`${resource}.memory`]) ??
    (isCard ? readText(labels['nvidia.com/gpu.memory']) : null)
  if (mebibytes !== null && /^\d{1,9}$/.test(mebibytes)) return Number(mebibytes)
  if (!resource.startsWith('amd.com/')) return null
  const vram = readText(labels['amd.com/gpu.vram'] ?? labels['beta.amd.com/gpu.vram'])
  // AMD's labeller divides by 1024 and writes G for what is GiB.
  return vram === null ? null : readMebibytes(vram.replace(/^(\d+(?:\.\d+)?)([MGT])B?$/, '$1$2i'))
}
