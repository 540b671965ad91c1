/** The sentence for a sign-in that came back with `?error=<code>`. */
export function describeSignInError(code: string): { title: string; text: string } {
  switch (code) {
    case 'local-token':
      return {
        title: 'This hub does not accept that token',
        text: 'The hub makes a new token each time it starts. Use the one in the address that it printed last.',
      }
    case 'login-expired':
      return {
        title: 'That sign-in took too long',
        text: 'A sign-in works once, and only for a few minutes. Start again.',
      }
    case 'user-disabled':
      return {
        title: 'Your account is disabled in this hub',
        text: 'Your identity provider let you in, but this hub has disabled the account. An administrator of the hub can enable it again.',
      }
    case 'login-refused':
      return {
        title: 'Sign-in was refused',
        text: 'The identity provider did not let you in, or the sign-in was cancelled. Try again, or use another account.',
      }
    case 'login-failed':
      return {
        title: 'Sign-in did not work',
        text: 'The identity provider’s answer could not be verified. Try again; if it happens again, tell an administrator of the hub.',
      }
    case 'account-not-allowed':
      return {
        title: 'This account is not allowed here',
        text: 'This hub lets in only accounts from certain organizations or e-mail domains. Use another account, or ask an administrator of the hub.',
      }
    case 'provider-unavailable':
      return {
        title: 'The identity provider is not responding',
        text: 'The hub could not reach it. Wait a moment and try again.',
      }
    case 'not-enabled':
    case 'provider-not-enabled':
      return {
        title: 'This way of signing in is not enabled',
        text: 'Choose one of the ways below, or ask an administrator of the hub.',
      }
    default:
      return {
        title: 'Sign-in did not work',
        text: 'Try again; if it happens again, tell an administrator of the hub.',
      }
  }
}
