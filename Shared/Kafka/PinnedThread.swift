import Foundation

/// A serial executor with a thread of its own: an actor that runs on it may make C calls that block, and the
/// cooperative pool never waits for them.
///
/// The thread ends when the executor is released, which is when its actor is and no call to it is outstanding.
final class PinnedThread: SerialExecutor {
    private let queue: JobQueue

    /// - Parameter interrupt: Ends a wait inside ``waiting(_:)`` early. Called on any thread.
    init(name: String, interrupt: @escaping @Sendable () -> Void = {}) {
        let queue = JobQueue(interrupt)
        self.queue = queue
        let thread = Thread { queue.runUntilStopped() }
        thread.name = name
        thread.start()
    }

    deinit { queue.stop() }

    /// Runs a wait that the next job may cut short. `body` is told whether one is there already.
    func waiting<Value>(_ body: (_ awaited: Bool) -> Value) -> Value {
        let awaited = queue.beginWait()
        defer { queue.endWait() }
        return body(awaited)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job), of: self)
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// What the thread is to do next.
///
/// `@unchecked Sendable`: `condition` guards all variables.
private final class JobQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private let interrupt: @Sendable () -> Void
    /// Each job keeps its executor alive until it has run: the actor, and with it the executor, may be let go by the
    /// very job that runs.
    private var jobs: [(job: UnownedJob, executor: PinnedThread)] = []
    private var waits = false
    private var stopped = false

    init(_ interrupt: @escaping @Sendable () -> Void) { self.interrupt = interrupt }

    func append(_ job: UnownedJob, of executor: PinnedThread) {
        let cutShort = condition.withLock {
            jobs.append((job, executor))
            condition.signal()
            return waits
        }
        if cutShort { interrupt() }
    }

    func beginWait() -> Bool {
        condition.withLock {
            waits = true
            return !jobs.isEmpty
        }
    }

    func endWait() { condition.withLock { waits = false } }

    func stop() {
        condition.withLock {
            stopped = true
            condition.signal()
        }
    }

    func runUntilStopped() {
        while let (job, executor) = next() { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
    }

    private func next() -> (job: UnownedJob, executor: PinnedThread)? {
        condition.withLock {
            while jobs.isEmpty, !stopped { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }
}
