import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'

/** Stands for a list that is being read. `name` is what is in it: "deployments". */
export function LoadingRows({ name }: { name: string }) {
  return (
    <>
      <VisuallyHidden component="output">Loading {name}</VisuallyHidden>
      <Stack gap="sm" aria-hidden>
        {[1, 2, 3, 4, 5].map((row) => (
          <Skeleton key={row} height={36} />
        ))}
      </Stack>
    </>
  )
}
