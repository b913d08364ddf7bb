import Foundation
import Postgres
import TestKit
import Testing

/// The pool: few connections, many callers.
@Suite struct PoolTests {
    @Test func `more callers than connections take their turn`() async throws {
        try await withTable(connections: 3) { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask { try await database.transaction { try $0.execute("INSERT INTO things VALUES (\(number), 'x')") } }
                }
                try await group.waitForAll()
            }
            #expect(try await names(database).count == 200)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `transactions that block hold up nobody else, however many they are`() async throws {
        let database = Database(PostgresSettings(try TestServers.postgres, connections: 24))
        let (entered, leave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<24 {
                group.addTask {
                    try await database.transaction { _ in
                        entered.signal()
                        leave.wait()
                    }
                }
            }
            // More than there are threads for tasks: all are inside at once.
            for _ in 0..<24 { await Self.wait(for: entered) }
            for _ in 0..<24 { leave.signal() }
            try await group.waitForAll()
        }
        await database.close()
    }

    @Test func `no more connections are open than asked for`() async throws {
        let name = "lika-pool-\(UUID())"
        let database = Database(PostgresSettings(try TestServers.postgres, connections: 3, application: name))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await database.transaction { _ = try $0.query("SELECT pg_sleep(0.005)") } } }
            try await group.waitForAll()
        }
        let open: Int? = try await inDatabase { try $0.first("SELECT count(*) AS open FROM pg_stat_activity WHERE application_name = \(name)")?["open"] }
        #expect(open == 3)
        await database.close()
        let left = try await eventually {
            let left: Int? = try await inDatabase { try $0.first("SELECT count(*) AS open FROM pg_stat_activity WHERE application_name = \(name)")?["open"] }
            return left == 0 ? left : nil
        }
        #expect(left == 0)
    }

    @Test func `callers without number are told that it is busy`() async throws {
        let database = Database(PostgresSettings(try TestServers.postgres, connections: 1))
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<2_100 {
                group.addTask {
                    do {
                        try await database.transaction { _ in gate.wait() }
                        return true
                    } catch PostgresError.busy { return false }
                }
            }
            // One holds the connection, 2,000 wait, the others are turned away without waiting.
            for _ in 0..<99 {
                let served = try await group.next()
                #expect(served == false)
            }
            for _ in 0..<2_001 { gate.signal() }
            for try await served in group { #expect(served) }
        }
        await database.close()
    }

    @Test func `closing turns away those who wait, and those who come later`() async throws {
        let database = Database(PostgresSettings(try TestServers.postgres, connections: 1))
        let (entered, leave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await database.transaction { _ in
                    entered.signal()
                    leave.wait()
                }
            }
            await Self.wait(for: entered)
            async let closing: Void = database.close()
            await #expect(throws: PostgresError.self) { try await database.transaction { _ in } }
            leave.signal()
            await closing
            try await group.waitForAll()
        }
        await #expect(throws: PostgresError.self) { try await database.transaction { _ in } }
    }

    private static func wait(for semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                semaphore.wait()
                continuation.resume()
            }
        }
    }
}
