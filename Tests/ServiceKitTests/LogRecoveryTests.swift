import Contracts
import Foundation
import Kafka
import Postgres
import Registry
@testable import ServiceKit
import TestKit
import Testing

/// The log holds again what it had acknowledged, whatever became of it.
@Suite struct LogRecoveryTests {
    @Test func `what a log lacks of what it acknowledged is told again, and nothing else`() async throws {
        try await Wire.with { wire in
            let account = AccountID(UUID())
            try await wire.relaying { store in
                for _ in 1...6 { try await store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
                try await wire.untilAcknowledged()
            }
            // Two that count as acknowledged and never came to the log, and one that waits for its turn.
            for _ in 7...9 { try await wire.bench.store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
            try await wire.bench.database.transaction { sql in
                try sql.execute("DELETE FROM outbox_pending WHERE batch <> (SELECT batch FROM outbox_pending ORDER BY batch DESC LIMIT 1)")
            }
            let recovery = wire.makeRecovery()
            #expect(try await recovery.run(losses: 0))
            expect(try await wire.bench.count("outbox_pending"), 3)
            #expect(try await !recovery.run(losses: 0))
            try await wire.bench.expireLeases()
            try await wire.relaying { _ in
                let records = try await wire.read(9) { $0.account == account }
                #expect(records.map(\.sequence) == Array(1...9))
            }
            #expect(try await !wire.makeRecovery().run(losses: 0))
        }
    }

    @Test func `the end of a partition that a broker lost is told again while the service runs`() async throws {
        try await OwnBroker.with { broker in
            try await Wire.with(broker) { wire in
                let accounts = (1...30).map { _ in AccountID(UUID()) }
                try await wire.relaying { store in
                    for account in accounts { try await store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
                    try await wire.untilAcknowledged()
                    broker.kill()
                    for partition in 0..<Topic.added.partitions { try broker.cut(Topic.added.name, partition, from: 3) }
                    try broker.start()
                    _ = try await wire.read(30) { accounts.contains($0.account) }
                }
            }
        }
    }

    @Test func `an emptied broker gets topics and log back while the service runs`() async throws {
        try await OwnBroker.with { broker in
            try await Wire.with(broker) { wire in
                let accounts = (1...30).map { _ in AccountID(UUID()) }
                try await wire.relaying { store in
                    for account in accounts { try await store.work { try add(1, to: account, of: account.rawValue, in: $0) } }
                    try await wire.untilAcknowledged()
                    broker.kill()
                    try broker.empty()
                    try broker.start()
                    _ = try await eventually(within: .seconds(40)) { try await Admin(wire.kafka).topics()[Topic.added.name] }
                    let records = try await wire.read(30) { accounts.contains($0.account) }
                    #expect(Set(records.map(\.event.account)) == Set(accounts))
                }
            }
        }
    }
}

extension Wire {
    func untilAcknowledged() async throws {
        _ = try await eventually { try await bench.count("outbox_pending") == 0 ? true : nil }
    }
}
