/// Hears what other sessions NOTIFY. One connection of its own, on its own thread.
package actor Listener {
    private let settings: PostgresSettings
    private let channels: [String]
    private let thread: PinnedThread
    private var connection: Connection?
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    package init(_ settings: PostgresSettings, channels: [String]) {
        (self.settings, self.channels) = (settings, channels)
        thread = PinnedThread(name: "postgres-listen")
    }

    deinit { thread.stop() }

    /// The channels heard within `timeout`. All of them right after (re)connecting, since anything may have been missed.
    package func next(within timeout: Duration) throws -> [String] {
        if let connection {
            do { return try connection.notifications(within: timeout) } catch {
                self.connection = nil
                throw error
            }
        }
        let opened = try Connection(settings)
        try opened.run(script: channels.map { "LISTEN \"\($0)\";" }.joined())
        connection = opened
        return channels
    }

    package func close() { connection = nil }
}
