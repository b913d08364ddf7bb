import Contracts
import Registry

package typealias RefusedResultID = ID<RefusedResult>

/// A result that had no effect, and where in the log its bytes are as long as it keeps anything. Its contents are not kept.
package struct RefusedResult: Equatable, Sendable {
    package let id: RefusedResultID
    /// The owner of the topic in which it came.
    package let department: Department
    package let request: RequestID
    /// A ``ResultRefusal`` or an ``Objection``.
    package let reason: String
    package let digest: Fingerprint
    package let place: Place
    package let receivedAt: Instant

    package struct Place: Equatable, Sendable {
        package let topic: String
        package let partition: Int
        package let offset: Int

        package init(topic: String, partition: Int, offset: Int) {
            (self.topic, self.partition, self.offset) = (topic, partition, offset)
        }
    }

    package init(
        _ id: RefusedResultID, department: Department, request: RequestID, reason: String, digest: Fingerprint, place: Place,
        receivedAt: Instant
    ) {
        self.id = id
        self.department = department
        self.request = request
        self.reason = reason
        self.digest = digest
        self.place = place
        self.receivedAt = receivedAt
    }

    /// What raises the alarm.
    package var event: ResultRefused {
        ResultRefused(refusal: id.rawValue, department: department, request: request, reason: reason, refusedAt: receivedAt)
    }
}
