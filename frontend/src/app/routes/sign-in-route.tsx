import { getRouteApi } from '@tanstack/react-router'
import { safeReturnTo } from '../../features/auth/return-to.ts'
import { SignInPage } from '../../features/auth/sign-in-page.tsx'

const route = getRouteApi('/login')

export function SignInRoute() {
  const search = route.useSearch()
  return (
    <SignInPage
      returnTo={safeReturnTo(search.return_to)}
      error={search.error}
      reference={search.ref}
    />
  )
}
