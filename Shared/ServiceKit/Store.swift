import Contracts
import Foundation
import Logging
import Postgres

/// A service's way to its data: units of work, whose events go to the relay and whose errands wake once committed.
package struct Store: Sendable {
    let database: Database
    /// None in tools and tests that only look at what was told.
    let relay: Relay?
    let bell: Bell

    package init(_ database: Database) { (self.database, relay, bell) = (database, nil, Bell()) }

    init(database: Database, relay: Relay, bell: Bell) { (self.database, self.relay, self.bell) = (database, relay, bell) }

    /// Runs one unit of work in one transaction. `body` is synchronous: it runs on the connection's own thread.
    @discardableResult
    package func work<T: Sendable>(traceparent: String? = nil, deed: Deed = .own, _ body: @Sendable (Work) throws -> T) async throws -> T {
        let (value, finished) = try await database.transaction { sql in
            let work = try Work(sql, trace: TraceContext(parent: traceparent), deed: deed)
            let value = try body(work)
            let finished = try work.finish()
            return (value, finished)
        }
        await relay?.offer(finished.batch)
        for errand in finished.wakes { await bell.ring(errand) }
        return value
    }
}

/// Wakes those who wait for a name, or lets them go on after a while.
actor Bell {
    private var rung: Set<String> = []
    private var waiting: [String: [UUID: CheckedContinuation<Void, Never>]] = [:]
    private var givenUp: Set<UUID> = []

    func ring(_ name: String) {
        guard let waiters = waiting.removeValue(forKey: name), !waiters.isEmpty else {
            rung.insert(name)
            return
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when `name` was rung, at the latest after `timeout`.
    func wait(for name: String, atMost timeout: Duration) async {
        let id = UUID()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sleep(name, id) }
            group.addTask {
                // Cancelled sleeping only means that the bell was faster.
                do { try await Task.sleep(for: timeout) } catch {}
                await self.giveUp(name, id)
            }
            await group.next()
            group.cancelAll()
        }
        givenUp.remove(id)
    }

    private func sleep(_ name: String, _ id: UUID) async {
        // Either may have happened before this began to wait.
        if rung.remove(name) != nil || givenUp.contains(id) { return }
        await withCheckedContinuation { waiting[name, default: [:]][id] = $0 }
    }

    private func giveUp(_ name: String, _ id: UUID) {
        givenUp.insert(id)
        waiting[name]?.removeValue(forKey: id)?.resume()
    }
}
