/// What went wrong with the database, told apart by what a caller may do about it.
package enum PostgresError: Error, Equatable, Sendable {
    /// The server refused a statement. The message is for the log; the detail, which may quote values, is not kept.
    case refused(sqlState: String, constraint: String?, message: String)
    /// No connection, or it broke before COMMIT was sent: nothing of the transaction took effect.
    case unavailable(String)
    /// The connection broke after COMMIT was sent: all or nothing took effect, and only reading it back tells which.
    case outcomeUnknown
    /// Too many callers wait for a connection already.
    case busy

    /// Whether the same transaction may simply be tried again: nothing of it was done and the cause passes by itself.
    package var isRetryable: Bool {
        switch self {
        case .refused(let state, _, _):
            // serialization failure, deadlock, lock not available, out of resources (disk, memory, connections), operator
            // intervention (shutdown, statement timeout), input and output
            state == "40001" || state == "40P01" || state == "55P03" || ["53", "57", "58"].contains { state.hasPrefix($0) }
        case .unavailable, .busy: true
        case .outcomeUnknown: false
        }
    }

    package static let uniqueViolation = "23505"
    package static let insufficientPrivilege = "42501"

    package var sqlState: String? {
        if case .refused(let state, _, _) = self { state } else { nil }
    }
}
