import Logging
import Postgres
import ServiceLifecycle

/// Forgets the replies to commands once their keys have expired, thirty days after they were given: the same key then is
/// a new one. While the clock is in doubt nothing is forgotten.
struct ReplyExpiry: Service {
    let database: Database
    let gate: ClockGate
    let logger: Logger

    private static let interval = Duration.seconds(3600)
    /// Rows of one transaction, so that none holds up commands for long.
    private static let batch = 1_000

    func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            do {
                if await gate.isOpen { try await Self.forget(in: database) }
            } catch { logger.warning("expired replies not forgotten", metadata: ["error": "\(Verdict.code(of: error))"]) }
            // Ends early when the service stops.
            do { try await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) } } catch { return }
        }
    }

    static func forget(in database: Database) async throws {
        var forgotten: Int
        repeat {
            forgotten = try await database.transaction { sql in
                try sql.change(
                    """
                    DELETE FROM replies WHERE key IN (
                        SELECT key FROM replies WHERE replied_at < now() - interval '30 days' LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED)
                    """)
            }
        } while forgotten == Self.batch
    }
}
