import Foundation
import Registry

/// A department's result had no effect: forged, expired, replayed, late for a question that is asked no more. Someone must look
/// whether the department errs or somebody else writes in its name.
package struct ResultRefused: Event {
    package static let name = "lika.verification.refusal.recorded.v1"
    package static let channels = [Topic.verificationRefusal]
    package var channel: Topic { .verificationRefusal }
    package var key: UUID { refusal }
    package var subject: UUID { refusal }

    package let refusal: UUID
    /// The owner of the topic in which it came.
    package let department: Department
    /// Which request the result names; there may be none such.
    package let request: RequestID
    /// A code, e.g. `verification.signature-invalid`.
    package let reason: String
    package let refusedAt: Instant

    package init(refusal: UUID, department: Department, request: RequestID, reason: String, refusedAt: Instant) {
        self.refusal = refusal
        self.department = department
        self.request = request
        self.reason = reason
        self.refusedAt = refusedAt
    }
}
