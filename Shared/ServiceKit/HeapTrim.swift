import CMalloc
import ServiceLifecycle

/// Gives back to the machine what a burst took: the C library keeps freed memory for itself, and a service that has brought in
/// a large sheet or a wave of answers would weigh twice what it needs, for weeks.
struct HeapTrim: Service {
    private static let interval = Duration.seconds(10)

    func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            // Some milliseconds, most of them nothing where nothing was freed.
            malloc_trim(0)
            // Ends early when the service stops.
            do { try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) } } catch { return }
        }
    }
}
