/** The mark of the product; its name always stands beside it. */
export function Brand({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="7" fill="#3b5bdb" />
      <path d="M12.5 5h7L26 27H6z" fill="#fff" />
      <path d="M16 8v3.5M16 14.5v4M16 21.5v5" stroke="#3b5bdb" strokeWidth="2" />
    </svg>
  )
}
