import { getRouteApi } from '@tanstack/react-router'
import { recallSessionEnd } from '../../features/auth/ended-session.ts'
import { recallReturnTo, safeReturnTo } from '../../features/auth/return-to.ts'
import { SignInPage } from '../../features/auth/sign-in-page.tsx'

const route = getRouteApi('/login')

export function SignInRoute() {
  const search = route.useSearch()
  const returnTo =
    search.error !== undefined && search.return_to === undefined
      ? recallReturnTo()
      : safeReturnTo(search.return_to)
  return (
    <SignInPage
      returnTo={search.again && search.return_to === undefined ? '/access' : returnTo}
      again={search.again === true}
      error={search.error}
      reference={search.ref}
      ended={search.again === true ? null : recallSessionEnd()}
    />
  )
}
