import Contracts
import Foundation
import Kafka
import Logging
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// A ledger on a schema of its own, fed with records as the log would hold them.
struct Bench: Sendable {
    let settings: PostgresSettings
    let database: Database
    let store: Store
    let consumption: Consumption

    static func with<T: Sendable>(
        connections: Int = 4, session: [String: String] = [:], reactions: Reactions = ledgerReactions, _ body: (Bench) async throws -> T
    ) async throws -> T {
        try await withSchema(Kernel.migrations + Ledger.migrations, connections: connections, session: session) { settings in
            let database = Database(settings)
            let store = Store(database)
            // Never subscribed: what is tested comes in by hand.
            let consumer = try Consumer(KafkaSettings(brokers: "127.0.0.1:1", clientID: "bench"), group: reactions.group, logger: .silent)
            let consumption = Consumption(inbox: Inbox(reactions: reactions), store: store, consumer: consumer, state: ConsumptionState(), logger: .silent)
            let result: Result<T, any Error>
            do {
                result = .success(try await body(Bench(settings: settings, database: database, store: store, consumption: consumption)))
            } catch { result = .failure(error) }
            try await consumer.close()
            await database.close()
            return try result.get()
        }
    }

    /// Brings records into effect as one batch of a consumption.
    func take(_ records: [Record]) async throws { try await consumption.apply(records.map(consumption.inbox.read)) }

    func balance(_ account: AccountID) async throws -> Int? {
        try await store.work { try $0.find(Ledger.self, account)?.balance }
    }

    /// What is parked, by offset.
    func parked() async throws -> [Parked] {
        try await database.transaction { try $0.query("SELECT * FROM parked_messages ORDER BY topic, partition, \"offset\"").map(Parked.init(row:)) }
    }

    func reasons() async throws -> [Int: String] {
        Dictionary(uniqueKeysWithValues: try await parked().map { ($0.offset, $0.reason) })
    }

    func count(_ table: String) async throws -> Int {
        try await database.transaction { try #require(try $0.first("SELECT count(*) AS count FROM \(unsafe: table)"))["count"] }
    }

    func calls() async throws -> [String] {
        try await database.transaction { try $0.query("SELECT call FROM calls ORDER BY n").map { try $0["call"] } }
    }

    func told() async throws -> [Told] {
        try await database.transaction { try $0.query("SELECT * FROM outbox ORDER BY id").map(Told.init(row:)) }
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// What one asker asks for one household, record by record.
struct Asker {
    let asker = UUID()
    let household: UUID
    let account: AccountID
    let partition: Int

    init(household: UUID = UUID(), account: AccountID = AccountID(UUID()), partition: Int = 0) {
        (self.household, self.account, self.partition) = (household, account, partition)
    }

    func event(_ amount: Int) -> AmountAsked { AmountAsked(asker: asker, household: household, account: account, amount: amount) }

    func asks(_ amount: Int, number: Int, offset: Int, id: UUID = UUID()) throws -> Record {
        try Told(event(amount), id: id, sequence: number, at: Instant(milliseconds: 0), traceparent: nil)
            .record(source: "/lika/asker").at(partition, offset)
    }
}

extension OutgoingRecord {
    /// As the log would hold it.
    func at(_ partition: Int, _ offset: Int) -> Record {
        Record(topic: topic, partition: partition, offset: Int64(offset), timestamp: nil, key: key, value: value, headers: headers)
    }
}

extension Record {
    func with(value: [UInt8]?) -> Record {
        Record(topic: topic, partition: partition, offset: offset, timestamp: nil, key: key, value: value, headers: headers)
    }

    func with(topic: Topic) -> Record {
        Record(topic: topic.name, partition: partition, offset: offset, timestamp: nil, key: key, value: value, headers: headers)
    }

    /// A header changed, added or, with nil, left out.
    func with(_ name: String, _ header: String?) -> Record {
        var changed = Headers()
        for (known, value) in headers.all where known != name { changed.append(known, value) }
        if let header { changed.append(name, header) }
        return Record(topic: topic, partition: partition, offset: offset, timestamp: nil, key: key, value: value, headers: changed)
    }
}

/// Asks something of values that are not there until they are awaited.
func expect<Value: Equatable>(_ found: Value, _ expected: Value, at location: SourceLocation = #_sourceLocation) {
    #expect(found == expected, sourceLocation: location)
}
