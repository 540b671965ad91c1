import { CredentialsPage } from '../../features/credentials/credentials-page.tsx'

export function CredentialsRoute() {
  return <CredentialsPage />
}
