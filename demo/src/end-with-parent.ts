// Preloaded into the hub by the demo: when the demo is gone, however it went, so is its hub.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()
