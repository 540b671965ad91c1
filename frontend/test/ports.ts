/** Where the journeys' hubs listen; another first port lets two suites run side by side. */
const first = Number(process.env['TEST_PORT'] ?? 3917)

/** The demo that most journeys share, a hub of a journey's own, and one in local mode. */
export const ports = { demo: first, own: first + 1, local: first + 2 }
