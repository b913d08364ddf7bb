import Logging
import ServiceLifecycle

/// Work that needs the network and therefore happens between transactions: claim, perform, record.
///
/// `claim` marks what it takes, so that two instances do not take the same; what a crash leaves claimed is the claim's own
/// rule: a lease where repeating is harmless, a state of its own where it is not.
package struct Errand: Service {
    private let name: String
    /// Claims, performs and records once; false when there was nothing to do.
    let runOnce: @Sendable (Store) async throws -> Bool
    var store: Store?
    var logger = Logger(label: "lika.errand")

    package init<Job: Sendable, Outcome: Sendable>(
        _ name: String, claim: @escaping @Sendable (Work) throws -> [Job], perform: @escaping @Sendable ([Job]) async throws -> Outcome,
        record: @escaping @Sendable (Outcome, Work) throws -> Void
    ) {
        self.init(name, claim: claim, perform: { jobs, _ in try await perform(jobs) }, record: record)
    }

    /// `perform` may use the store for units of work of its own, apart from those of claim and record.
    package init<Job: Sendable, Outcome: Sendable>(
        _ name: String, claim: @escaping @Sendable (Work) throws -> [Job],
        perform: @escaping @Sendable ([Job], Store) async throws -> Outcome, record: @escaping @Sendable (Outcome, Work) throws -> Void
    ) {
        self.name = name
        runOnce = { store in
            let jobs = try await store.work(claim)
            if jobs.isEmpty { return false }
            let outcome = try await perform(jobs, store)
            try await store.work { try record(outcome, $0) }
            return true
        }
    }

    package func run() async throws {
        guard let store else { return }
        var pause = Backoff(longest: .seconds(5))
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            do {
                let worked = try await runOnce(store)
                pause.reset()
                if !worked { await store.bell.wait(for: name, atMost: .seconds(1)) }
            } catch {
                logger.warning("errand failed; it is tried again", metadata: ["errand": "\(name)", "error": "\(Verdict.code(of: error))"])
                try await pause.wait()
            }
        }
    }
}
