/** The version of the hub that this page came with. */
declare const __HUB_VERSION__: string
