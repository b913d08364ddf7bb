import CPostgres
import Logging

/// A pool of connections, each on its own thread; connections come back by themselves after a loss.
package actor Database {
    private let sessions: [Session]
    private var idle: [Session]
    private var waiting: [CheckedContinuation<Session, any Error>] = []
    private var isClosed = false

    /// Callers beyond this are told `busy` at once instead of queueing without bound.
    private static let longestQueue = 2_000

    package init(_ settings: PostgresSettings) {
        sessions = (0..<settings.connections).map { Session(settings, name: "postgres-\($0)") }
        idle = sessions
    }

    /// Runs `body` in one transaction; commits when it returns, rolls back when it throws.
    ///
    /// Throws ``PostgresError/outcomeUnknown`` when the connection broke between COMMIT and its answer.
    package nonisolated func transaction<T: Sendable>(_ body: @Sendable (Transaction) throws -> T) async throws -> T {
        let session = try await take()
        do {
            let value = try await session.transaction(body)
            await give(session)
            return value
        } catch {
            await give(session)
            throw error
        }
    }

    /// Ends every connection after the transaction that it is in.
    package func close() async {
        isClosed = true
        for waiter in waiting { waiter.resume(throwing: PostgresError.unavailable("the pool is closed")) }
        waiting = []
        for session in sessions { await session.close() }
    }

    private func take() async throws -> Session {
        if isClosed { throw PostgresError.unavailable("the pool is closed") }
        if let session = idle.popLast() { return session }
        if waiting.count >= Self.longestQueue { throw PostgresError.busy }
        return try await withCheckedThrowingContinuation { waiting.append($0) }
    }

    private func give(_ session: Session) {
        if waiting.isEmpty { idle.append(session) } else { waiting.removeFirst().resume(returning: session) }
    }
}

/// One connection and its thread.
actor Session {
    private let settings: PostgresSettings
    private let thread: PinnedThread
    private var connection: Connection?
    private var isClosed = false
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ settings: PostgresSettings, name: String) {
        self.settings = settings
        thread = PinnedThread(name: name)
    }

    deinit { thread.stop() }

    func transaction<T: Sendable>(_ body: @Sendable (Transaction) throws -> T) throws -> T {
        let connection = try connected()
        defer { if connection.isBroken { self.connection = nil } }
        return try Transaction.run(on: connection, body)
    }

    func close() {
        isClosed = true
        connection = nil
    }

    /// A connection that the server ended while nobody used it is replaced before anyone notices.
    private func connected() throws -> Connection {
        if isClosed { throw PostgresError.unavailable("the pool is closed") }
        if let connection, !connection.hasUnaskedInput { return connection }
        let opened = try Connection(settings)
        connection = opened
        return opened
    }
}
