import Testing

@testable import Kafka

@Suite struct ProducerTests {
    @Test func `records of one key come out in the order of the calls`() async throws {
        let topic = try await Broker.freshTopic(partitions: 3)
        let producer = try Broker.producer()
        for start in stride(from: 0, to: 1000, by: 100) {
            try await producer.store(outgoing(topic, start..<start + 100))
        }
        let reader = try await Broker.reader(of: topic, partitions: 3)
        let records = try await reader.take(1000)
        #expect(records.compactMap(number) == Array(0..<1000))
        #expect(records.map(\.offset) == (0..<1000).map(Int64.init))
        #expect(Set(records.map(\.partition)).count == 1)
    }

    @Test func `a record comes out as it went in`() async throws {
        let topic = try await Broker.freshTopic()
        let producer = try Broker.producer()
        var headers: Headers = ["ce_id": "018f", "ce_type": "lika.x.v1", "empty": ""]
        headers.append("raw", [0xff, 0x00])
        try await producer.store([
            OutgoingRecord(topic: topic, key: text("键"), value: text("值"), headers: headers),
            OutgoingRecord(topic: topic, key: nil, value: nil),
            OutgoingRecord(topic: topic, key: [], value: []),
        ])
        let records = try await Broker.reader(of: topic).take(3)
        #expect(records[0].topic == topic)
        #expect(records[0].key == text("键"))
        #expect(records[0].value == text("值"))
        #expect(records[0].headers == headers)
        #expect((records[0].timestamp ?? 0) > 1_500_000_000_000)
        #expect(records[1].key == nil)
        #expect(records[1].value == nil)
        #expect(records[2].value == [])
    }

    @Test func `each record of a call has its own fate`() async throws {
        let topic = try await Broker.freshTopic()
        let producer = try Broker.producer { $0.messageTimeout = .seconds(3) }
        let deliveries = await producer.send([
            OutgoingRecord(topic: topic, key: nil, value: text("good")),
            OutgoingRecord(topic: topic, key: nil, value: [UInt8](repeating: 0x20, count: 2_000_000)),
            OutgoingRecord(topic: topic, key: nil, value: text("good, too")),
        ])
        #expect(deliveries[0] == .stored(partition: 0, offset: 0))
        #expect(deliveries[1].error?.reason == .messageTooLarge)
        #expect(deliveries[1].error?.isRetryable == false)
        #expect(deliveries[2] == .stored(partition: 0, offset: 1))
    }

    @Test func `a topic that does not exist is told within the record's time`() async throws {
        let producer = try Broker.producer { $0.messageTimeout = .seconds(2) }
        let deliveries = await producer.send(outgoing(Broker.freshName(), 0..<1))
        #expect(deliveries[0].error?.reason == .unknownTopic)
    }

    @Test func `with the queue full calls wait their turn and keep their order`() async throws {
        let topic = try await Broker.freshTopic()
        let producer = try Broker.producer { $0.queuedRecords = 10 }
        async let first = producer.send(outgoing(topic, 0..<500))
        try await eventually { await producer.hasCalls }
        async let second = producer.send(outgoing(topic, 500..<600))
        let failures = await (first + second).compactMap(\.error)
        #expect(failures == [])
        #expect(try await Broker.reader(of: topic).take(600).compactMap(number) == Array(0..<600))
    }

    @Test func `without a broker a record is given back as timed out, or as waiting when the queue was full`() async throws {
        let producer = try Broker.producer {
            $0.brokers = "127.0.0.1:1"
            $0.messageTimeout = .milliseconds(500)
            $0.queuedRecords = 10
        }
        let reasons = await producer.send(outgoing("nowhere", 0..<20)).map(\.error?.reason)
        #expect(reasons.prefix(10) == Array(repeating: .timedOut, count: 10)[...])
        #expect(reasons.allSatisfy { $0 == .timedOut || $0 == .queueFull })
        try await eventually { !producer.isConnected }
    }

    @Test func `a producer that broke off is replaced and only what was under way fails`() async throws {
        let topic = try await Broker.freshTopic()
        let producer = try Broker.producer { $0.linger = .milliseconds(500) }
        try await producer.store(outgoing(topic, 0..<1))
        async let underWay = producer.send(outgoing(topic, 1..<2))
        try await eventually { await producer.hasCalls }
        producer.breakOff()
        if let error = await underWay[0].error {
            #expect(error.reason == .producerReplaced)
            #expect(error.isRetryable)
        } else {
            Issue.record("a record under way survived a fatal error")
        }
        try await producer.store(outgoing(topic, 2..<3))
        #expect(try await Broker.reader(of: topic).take(2).compactMap(number).last == 2)
    }

    @Test func `flush waits for what was sent, and no longer than allowed`() async throws {
        let topic = try await Broker.freshTopic()
        let producer = try Broker.producer { $0.linger = .milliseconds(300) }
        async let sent = producer.send(outgoing(topic, 0..<10))
        try await eventually { await producer.hasCalls }
        #expect(await producer.flush(timeout: .milliseconds(1)) == false)
        #expect(await producer.flush(timeout: .seconds(10)))
        #expect(await sent.compactMap(\.error) == [])
    }

    @Test func `a closed producer has settled everything and takes nothing more`() async throws {
        let topic = try await Broker.freshTopic()
        let producer = try Broker.producer { $0.linger = .milliseconds(300) }
        async let sent = producer.send(outgoing(topic, 0..<10))
        try await eventually { await producer.hasCalls }
        await producer.close()
        #expect(await sent.compactMap(\.error) == [])
        #expect(await producer.send(outgoing(topic, 0..<1))[0].error?.reason == .closed)
    }
}

extension Producer {
    /// Whether a call is outstanding.
    fileprivate var hasCalls: Bool {
        get async { await !flush(timeout: .zero) }
    }
}
