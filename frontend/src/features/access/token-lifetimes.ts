/** For how many days a token can be made. */
export const lifetimes = ['7', '30', '60', '90'] as const
