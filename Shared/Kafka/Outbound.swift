/// What a producer holds between the calls and librdkafka: calls whose records wait, calls whose deliveries are awaited.
struct Outbound: Sendable {
    enum Finished: Sendable {
        case send(CheckedContinuation<[Delivery], Never>, [Delivery])
        case flush(CheckedContinuation<Bool, Never>, complete: Bool)
    }

    private struct Call: Sendable {
        let records: [OutgoingRecord]
        let giveUp: ContinuousClock.Instant
        let continuation: CheckedContinuation<[Delivery], Never>
        var deliveries: [Delivery?]
        var unsettled: Int
        /// The first record that librdkafka has not taken yet.
        var next = 0

        var isFinished: Bool { unsettled == 0 && next == records.count }

        mutating func settle(_ index: Int, _ delivery: Delivery) {
            guard deliveries[index] == nil else { return }
            deliveries[index] = delivery
            unsettled -= 1
        }
    }

    private(set) var client: Client
    private let patience: Duration
    var reachability = Reachability()
    var closed = false
    private var calls: [UInt: Call] = [:]
    /// Calls with records that librdkafka has not taken, oldest first. What is behind waits, or it would overtake.
    private var waiting: [UInt] = []
    private var flushes: [(deadline: ContinuousClock.Instant, continuation: CheckedContinuation<Bool, Never>)] = []
    private var lastCall: UInt = 0

    init(client: Client, patience: Duration) {
        self.client = client
        self.patience = patience
    }

    var isDone: Bool { closed && calls.isEmpty && flushes.isEmpty }

    mutating func accept(
        _ records: [OutgoingRecord], _ continuation: CheckedContinuation<[Delivery], Never>
    ) -> [Finished] {
        if closed { return [.send(continuation, records.map { _ in .failed(.closed) })] }
        lastCall += 1
        calls[lastCall] = Call(
            records: records, giveUp: .now + patience, continuation: continuation,
            deliveries: Array(repeating: nil, count: records.count), unsettled: records.count)
        waiting.append(lastCall)
        return pump()
    }

    mutating func watch(until deadline: ContinuousClock.Instant, _ continuation: CheckedContinuation<Bool, Never>) -> [Finished] {
        flushes.append((deadline, continuation))
        return finishedFlushes()
    }

    /// Hands librdkafka what it has room for.
    mutating func pump() -> [Finished] {
        var finished: [Finished] = []
        handOver: while let id = waiting.first, let call = calls[id] {
            for index in call.next..<call.records.count {
                switch client.produce(call.records[index], token: Self.token(id, index)) {
                case .queued: break
                case .refused(let error): calls[id]?.settle(index, .failed(error))
                case .notNow:
                    guard call.giveUp < .now else {
                        calls[id]?.next = index
                        break handOver
                    }
                    calls[id]?.settle(index, .failed(.queueFull))
                }
            }
            calls[id]?.next = call.records.count
            waiting.removeFirst()
            finish(id, &finished)
        }
        return finished + finishedFlushes()
    }

    mutating func settle(_ deliveries: [(token: UInt, delivery: Delivery)]) -> [Finished] {
        var finished: [Finished] = []
        for (token, delivery) in deliveries {
            let (id, index) = Self.place(token)
            calls[id]?.settle(index, delivery)
            if calls[id]?.isFinished == true { finish(id, &finished) }
        }
        return finished
    }

    /// What the old client had taken and not settled fails; what it had not taken goes to the new one.
    mutating func replace(by fresh: Client) -> [Finished] {
        client = fresh
        var finished: [Finished] = []
        for (id, call) in calls {
            for index in 0..<call.next { calls[id]?.settle(index, .failed(.producerReplaced)) }
            finish(id, &finished)
        }
        return finished + pump()
    }

    private mutating func finish(_ id: UInt, _ finished: inout [Finished]) {
        guard let call = calls[id], call.isFinished else { return }
        calls[id] = nil
        finished.append(.send(call.continuation, call.deliveries.compactMap(\.self)))
    }

    private mutating func finishedFlushes() -> [Finished] {
        if flushes.isEmpty { return [] }
        let now = ContinuousClock.now
        let complete = calls.isEmpty
        let due = flushes.filter { complete || $0.deadline <= now }
        flushes.removeAll { complete || $0.deadline <= now }
        return due.map { .flush($0.continuation, complete: complete) }
    }

    /// A call and the place in it, packed into the one word that librdkafka carries along with a record.
    private static func token(_ id: UInt, _ index: Int) -> UInt { id << 24 | UInt(index) }

    private static func place(_ token: UInt) -> (id: UInt, index: Int) { (token >> 24, Int(token & 0xff_ffff)) }
}
