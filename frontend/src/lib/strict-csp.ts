import { setNonce } from 'get-nonce'

// The one module that works at import time, and main.tsx imports it first: zod asks for `new Function` while the
// schemas of @hub/shared are being built, and react-remove-scroll reads the nonce when it first adds a style.
// zod itself is loaded with the forms that need it, and begins with what it finds here.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })

/** The nonce of this response, which every style element added later must carry. */
export const styleNonce =
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

setNonce(styleNonce)
