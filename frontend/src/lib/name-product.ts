/** "NVIDIA-H100-80GB-HBM3" is a label's spelling of a name with spaces. */
export function nameProduct(product: string): string {
  // A resource's own name is no label.
  if (product.includes('/')) return product
  return product.replaceAll(/[-_]+/g, ' ').trim()
}
