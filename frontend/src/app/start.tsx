import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import './app.css'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { meQuery } from '../features/auth/queries.ts'
import { Providers } from './providers.tsx'
import { createQueryClient } from './query-client.ts'
import { createAppRouter } from './router.ts'

export function startApp(root: HTMLElement): void {
  const client = createQueryClient({
    onSignedOut: () => {
      // Without `me` the routes lead to the sign-in page and back.
      if (client.getQueryData(meQuery().queryKey) === undefined) return
      client.removeQueries({ queryKey: meQuery().queryKey })
      void router.invalidate()
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
