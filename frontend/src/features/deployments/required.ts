/** For a field that has to be filled in: a star for the eye that is no part of the label. */
export const required = { 'aria-required': true, labelProps: { 'data-required': true } }
