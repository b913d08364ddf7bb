import Contracts
import Postgres
import Registry
import ServiceKit
import VerificationDomain

let overdueTimer = "request.overdue"

/// Clock in: the last day for an answer has ended. Silence is never consent, so the request only shows that it is late.
let timers = Timers().on(overdueTimer, batch: 100) { households, work in
    let unanswered = try work.unanswered(of: households.map(HouseholdID.init))
    try work.prefetch(Request.self, unanswered)
    for id in unanswered { try work.decide(Request.self, id) { try $0.deciding(.miss) } }
}

extension Work {
    /// Requests that these households' departments have not answered though their day has ended; locked.
    func unanswered(of households: [HouseholdID]) throws -> [RequestID] {
        try query(
            """
            SELECT id FROM requests
            WHERE household = ANY(\(households)) AND status IN ('sent', 'sent_back', 'returned') AND due_on < \(today)
            ORDER BY id FOR NO KEY UPDATE
            """
        ).map { try $0["id"] }
    }
}
