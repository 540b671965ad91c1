import * as z from 'zod'

/** Of models outside of all clusters; by their names. */
export const OutsideProviderList = z.object({ items: z.array(z.object({ id: z.string() })) })
export type OutsideProviderList = z.infer<typeof OutsideProviderList>

/**
 * One of HUB_CONFIG_FILE. Its id and address are judged with those of GATEWAY_PROVIDERS. A key is never in it: `keyFile` is the
 * name of a file beside it, so that nothing else of the hub's machine can be sent to a provider.
 */
export const OutsideProviderInput = z.strictObject({
  id: z.string(),
  url: z.string(),
  scheme: z.enum(['bearer', 'x-api-key']).default('bearer'),
  keyFile: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.-]{0,248}\.key$/,
      'must be the name of a file beside the configuration file that ends with .key, such as fireworks.key',
    )
    .optional(),
})
export type OutsideProviderInput = z.infer<typeof OutsideProviderInput>
