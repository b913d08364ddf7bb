import Foundation
import Postgres
import TestKit
import Testing

/// LISTEN and NOTIFY.
@Suite struct ListenerTests {
    private let channel = "test_\(UUID().uuidString.lowercased().prefix(8))"

    @Test func `the first look tells all channels, since anything may have been missed`() async throws {
        let listener = Listener(PostgresSettings(try TestServers.postgres), channels: [channel, channel + "b"])
        #expect(try await listener.next(within: .seconds(5)) == [channel, channel + "b"])
        await listener.close()
    }

    @Test func `a notification is heard at once, and silence ends with the time`() async throws {
        let listener = Listener(PostgresSettings(try TestServers.postgres), channels: [channel])
        _ = try await listener.next(within: .zero)
        #expect(try await listener.next(within: .milliseconds(20)) == [])
        let began = ContinuousClock.now
        async let heard = listener.next(within: .seconds(30))
        try await notify()
        #expect(try await heard == [channel])
        #expect(ContinuousClock.now - began < .seconds(10))
        await listener.close()
    }

    @Test func `what is notified between two looks is not lost`() async throws {
        let listener = Listener(PostgresSettings(try TestServers.postgres), channels: [channel])
        _ = try await listener.next(within: .zero)
        try await notify()
        #expect(try await listener.next(within: .seconds(30)) == [channel])
        await listener.close()
    }

    @Test func `a notification of a transaction that rolled back is not heard`() async throws {
        struct Stop: Error {}
        let listener = Listener(PostgresSettings(try TestServers.postgres), channels: [channel])
        _ = try await listener.next(within: .zero)
        let channel = channel
        await #expect(throws: Stop.self) {
            try await inDatabase { transaction in
                try transaction.execute("SELECT pg_notify(\(channel), '')")
                throw Stop()
            }
        }
        #expect(try await listener.next(within: .milliseconds(100)) == [])
        await listener.close()
    }

    @Test func `after a lost connection everything is told as if heard, and listening goes on`() async throws {
        let name = "lika-listen-\(UUID())"
        let listener = Listener(PostgresSettings(try TestServers.postgres, application: name), channels: [channel])
        _ = try await listener.next(within: .zero)
        try await inDatabase {
            _ = try $0.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = \(name)")
        }
        // The loss is told once; the look after it has a new connection.
        await #expect(throws: PostgresError.self) {
            for _ in 0..<10 { _ = try await listener.next(within: .milliseconds(100)) }
        }
        #expect(try await listener.next(within: .seconds(5)) == [channel])
        try await notify()
        #expect(try await listener.next(within: .seconds(30)) == [channel])
        await listener.close()
    }

    private func notify() async throws {
        let channel = channel
        try await inDatabase { try $0.execute("SELECT pg_notify(\(channel), '')") }
    }
}
