import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import '@mantine/core/styles.layer.css'
import './app.css'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { meQuery } from '../features/auth/queries.ts'
import { Providers } from './providers.tsx'
import { createQueryClient } from './query-client.ts'
import { createAppRouter } from './router.ts'

export function startApp(root: HTMLElement): void {
  let leaving = false
  const client = createQueryClient({
    onSignedOut: () => {
      const { queryKey } = meQuery()
      if (leaving || client.getQueryData(queryKey) === undefined) return
      leaving = true
      // The routes ask again who is signed in, and lead to the sign-in page and back.
      void client.invalidateQueries({ queryKey, refetchType: 'none' })
      void router.invalidate().finally(() => {
        leaving = false
      })
    },
  })
  const router = createAppRouter(client)
  createRoot(root).render(
    <StrictMode>
      <Providers client={client}>
        <RouterProvider router={router} />
      </Providers>
    </StrictMode>,
  )
}
