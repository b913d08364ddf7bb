import Contracts
import Foundation
import Hummingbird
import Kafka
import Logging
import Postgres
import Registry

/// The parts of a service driven by hand: what its tests use in place of the broker, the clock's loop and a socket. Messages,
/// timers, errands and routes run through exactly the code of the running service.
package actor Workbench {
    private let store: Store
    private let parts: Parts
    private let inbox: Inbox
    private var numbers: [String: Int] = [:]
    private var offset: Int64 = 0
    package nonisolated let responder: RouterResponder<PeerContext>
    /// As they were registered, `:name` for a part that varies.
    package nonisolated let routes: [(method: String, path: String)]
    package nonisolated let actFields: [String: String]

    package init(store: Store, parts: Parts, access: Access = .trusted, limits: HTTPLimits = .none) {
        (self.store, self.parts) = (store, parts)
        inbox = Inbox(reactions: parts.reactions)
        let api = API(parts, store: store, access: access, limits: limits, logger: Logger(label: "workbench") { _ in SwiftLogNoOpLogHandler() })
        (responder, routes, actFields) = (api.router.buildResponder(), api.routes, api.actFields)
    }

    package func deliver(_ event: some Event, headers: [String: String]) async throws {
        let number = (numbers["\(event.channel.name) \(event.subject)"] ?? 0) + 1
        numbers["\(event.channel.name) \(event.subject)"] = number
        let told = try Told(event, id: UUID(), sequence: number, at: Instant(milliseconds: 0), traceparent: nil)
        var record = told.record(source: event.channel.publisher.source)
        for (name, value) in headers { record.headers.append(name, value) }
        try await take(Record(
            topic: record.topic, partition: 0, offset: next(), timestamp: nil, key: record.key, value: record.value, headers: record.headers))
    }

    package func deliver(raw value: [UInt8], topic: Topic, key: UUID, headers: [String: String]) async throws {
        var fields = Headers()
        for (name, value) in headers { fields.append(name, value) }
        try await take(Record(
            topic: topic.name, partition: 0, offset: next(), timestamp: nil, key: Array(key.lowercased.utf8), value: value, headers: fields))
    }

    private func next() -> Int64 {
        offset += 1
        return offset
    }

    /// As a consumption does, but an error is the test's to see instead of a reason to park.
    private func take(_ record: Record) async throws {
        let incoming = inbox.read(record)
        let inbox = inbox
        try await store.work { _ = try inbox.apply([incoming], in: $0) }
    }

    package func fireTimers() async throws -> Int {
        var fired = 0
        for (name, handler) in parts.timers.handlers {
            while true {
                let count = try await TimerLoop.fireOnce(name, handler, store).count
                if count == 0 { break }
                fired += count
            }
        }
        return fired
    }

    package func runErrands() async throws -> Bool {
        var worked = false
        for errand in parts.errands where try await errand.runOnce(store) { worked = true }
        return worked
    }
}
