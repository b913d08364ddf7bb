import Contracts
import Postgres

/// What an error means for the input that met it.
enum Verdict {
    /// Its cause passes by itself: try the same again, for as long as it takes. A lost COMMIT reply is of this kind too,
    /// since the inbox tells whether the transaction took effect.
    case again
    /// The domain said no, and would again.
    case refused
    /// Anything else: a bug, a broken constraint.
    case failed

    init(_ error: any Error) {
        switch error {
        case let error as PostgresError:
            if case .outcomeUnknown = error { self = .again } else { self = error.isRetryable || error.isInboxCollision ? .again : .failed }
        case is CancellationError: self = .again
        case is any Refusal, is Invalid, is NotFound: self = .refused
        default: self = .failed
        }
    }

    /// A public code of the error, without anything from the data.
    static func code(of error: any Error) -> String {
        switch error {
        case let refusal as any Refusal: refusal.code
        case let invalid as Invalid: "invalid.\(invalid.faults.first?.code ?? "data")"
        case is NotFound: "not-found"
        case is Conflict: "conflict"
        case let error as PostgresError:
            switch error {
            case .refused(let state, let constraint, _): "sql.\(state)\(constraint.map { ".\($0)" } ?? "")"
            case .unavailable: "database-unavailable"
            case .outcomeUnknown: "outcome-unknown"
            case .busy: "database-busy"
            }
        default: "failed.\(type(of: error))"
        }
    }
}

extension PostgresError {
    /// Another member of the group brought the same message into effect at the same moment.
    var isInboxCollision: Bool {
        if case .refused(PostgresError.uniqueViolation, "inbox_pkey", _) = self { true } else { false }
    }
}
