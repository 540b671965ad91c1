import { expect, test } from 'vitest'
import { nameProduct } from './name-product.ts'

test('a product reads like a name', () => {
  expect(nameProduct('NVIDIA-H100-80GB-HBM3')).toBe('NVIDIA H100 80GB HBM3')
})
