import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { Suspense, useState, type ReactNode } from 'react'
import { lazyNamed } from '../components/lazy-named.ts'
import { useNotificationsWanted } from '../components/notify.ts'
import { NowProvider } from '../components/relative-time.tsx'
import { styleNonce } from '../lib/strict-csp.ts'
import { cssVariables, theme } from './theme.ts'

const Notifications = lazyNamed(() => import('./notifications.tsx'), 'Notifications')

export function Providers({ client, children }: { client: QueryClient; children: ReactNode }) {
  // public/color-scheme.js reads the same key before the first paint.
  const [colorScheme] = useState(() => localStorageColorSchemeManager({ key: 'hub-color-scheme' }))
  const wantsNotifications = useNotificationsWanted()
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colorScheme}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={client}>
        <NowProvider>
          {children}
          {wantsNotifications && (
            <Suspense>
              <Notifications />
            </Suspense>
          )}
        </NowProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
