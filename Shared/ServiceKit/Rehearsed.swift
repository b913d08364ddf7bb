import Contracts
import Foundation
import Kafka
import Registry

/// Records made by hand exactly as a relay makes them: for benches and rigs that play a service that is not there.
package enum Rehearsed {
    package static func record(_ event: some Event, id: UUID = UUID(), sequence: Int, at: Instant = Instant(milliseconds: 0)) throws -> OutgoingRecord {
        try Told(event, id: id, sequence: sequence, at: at, traceparent: TraceContext(parent: nil).next()).record(source: event.channel.publisher.source)
    }
}
