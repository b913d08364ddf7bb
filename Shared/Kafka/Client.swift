import CKafka
import Foundation
import Logging

/// The only owner of librdkafka's pointers.
///
/// `@unchecked Sendable`: librdkafka guards a client (`rd_kafka_t`) and its queues itself, any thread may use them. They
/// are freed in `deinit`, when no call can be under way. `rebalance` alone is not guarded: it is touched only on the
/// thread that polls the consumer. Calls that may block say so; they belong on a pinned thread.
final class Client: @unchecked Sendable {
    enum Role {
        case producer(KafkaSettings)
        case consumer(KafkaSettings, group: String)
        case admin(KafkaSettings)
    }

    let handle: OpaquePointer
    /// Delivery reports, errors, logs and statistics: all that librdkafka tells apart from a consumer's records.
    let events: OpaquePointer
    let rebalance: PendingRebalance

    init(_ role: Role) throws(KafkaError) {
        let (kind, properties, wanted) =
            switch role {
            case .producer(let settings): (RD_KAFKA_PRODUCER, settings.producerProperties(), RD_KAFKA_EVENT_DR)
            case .consumer(let settings, let group):
                (RD_KAFKA_CONSUMER, settings.consumerProperties(group: group), RD_KAFKA_EVENT_OFFSET_COMMIT)
            case .admin(let settings): (RD_KAFKA_PRODUCER, settings.adminProperties(), RD_KAFKA_EVENT_NONE)
            }
        let rebalance = PendingRebalance()
        let conf = rd_kafka_conf_new()
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in properties {
            guard rd_kafka_conf_set(conf, name, value, &text, text.count) == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(conf)
                throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, Self.string(text))
            }
        }
        rd_kafka_conf_set_events(conf, wanted | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS)
        rd_kafka_conf_set_opaque(conf, Unmanaged.passUnretained(rebalance).toOpaque())
        if case .consumer = role {
            rd_kafka_conf_set_rebalance_cb(conf) { client, code, partitions, opaque in
                guard let client, let partitions, let opaque else { return }
                Unmanaged<PendingRebalance>.fromOpaque(opaque).takeUnretainedValue().announce(client, code, partitions)
            }
        }
        guard let handle = rd_kafka_new(kind, conf, &text, text.count) else {
            rd_kafka_conf_destroy(conf)
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, Self.string(text))
        }
        self.handle = handle
        self.rebalance = rebalance
        events = rd_kafka_queue_get_main(handle)
        rd_kafka_set_log_queue(handle, nil)
        Self.exitWaits
    }

    /// Freeing waits for librdkafka's threads, and the last reference may be dropped anywhere: so on a thread of its own.
    deinit {
        nonisolated(unsafe) let (handle, events, rebalance) = (handle, events, rebalance)
        Self.freeing.enter()
        Thread.detachNewThread {
            rd_kafka_queue_destroy(events)
            rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            withExtendedLifetime(rebalance) {}
            Self.freeing.leave()
        }
    }

    private static let freeing = DispatchGroup()

    /// The process does not exit under a client that is being freed: librdkafka's OpenSSL cleans up at exit what the client's
    /// threads still hold, and one exit in a few hundred would be a crash. Asked for after OpenSSL's own, so it comes before.
    private static let exitWaits: Void = { _ = atexit { _ = Client.freeing.wait(timeout: .now() + 5) } }()

    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Client {
    enum Event {
        case delivered([(token: UInt, delivery: Delivery)])
        case failed(KafkaError, fatal: Bool)
        case allBrokersDown
        /// A commit that nobody waited for was refused.
        case commitFailed(KafkaError)
        /// librdkafka's statistics, a JSON document.
        case statistics([UInt8])
        case log(level: Int, text: String)
    }

    /// Waits up to `wait` milliseconds for the next event. Blocks.
    func nextEvent(wait: Int) -> Event? {
        guard let event = rd_kafka_queue_poll(events, Int32(clamping: wait)) else { return nil }
        defer { rd_kafka_event_destroy(event) }
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR:
            return .delivered(Self.deliveries(event))
        case RD_KAFKA_EVENT_ERROR:
            let code = rd_kafka_event_error(event)
            if code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN { return .allBrokersDown }
            let error = KafkaError(code, String(cString: rd_kafka_event_error_string(event)))
            return .failed(error, fatal: code == RD_KAFKA_RESP_ERR__FATAL)
        case RD_KAFKA_EVENT_OFFSET_COMMIT:
            return Self.commitError(event).map { .commitFailed($0) }
        case RD_KAFKA_EVENT_STATS:
            guard let json = rd_kafka_event_stats(event) else { return nil }
            return .statistics(Array(UnsafeRawBufferPointer(start: json, count: strlen(json))))
        case RD_KAFKA_EVENT_LOG:
            var (facility, text, level) = (UnsafePointer<CChar>?.none, UnsafePointer<CChar>?.none, Int32(7))
            guard rd_kafka_event_log(event, &facility, &text, &level) == 0, let facility, let text else { return nil }
            // One set of properties serves producers and consumers; each warns of what is meant for the other.
            if strcmp(facility, "CONFWARN") == 0 { return nil }
            // Every failed attempt to connect; ``Reachability`` says the same once.
            if strcmp(facility, "FAIL") == 0 { level = 6 }
            return .log(level: Int(level), text: String(cString: text))
        default:
            return nil
        }
    }

    private static func deliveries(_ event: OpaquePointer) -> [(token: UInt, delivery: Delivery)] {
        var deliveries: [(token: UInt, delivery: Delivery)] = []
        deliveries.reserveCapacity(rd_kafka_event_message_count(event))
        while let message = rd_kafka_event_message_next(event)?.pointee {
            let delivery: Delivery =
                message.err == RD_KAFKA_RESP_ERR_NO_ERROR
                ? .stored(partition: Int(message.partition), offset: message.offset) : .failed(KafkaError(message.err))
            deliveries.append((UInt(bitPattern: message._private), delivery))
        }
        return deliveries
    }

    /// The first error that prevents further sending for good, if there was one.
    var isBroken: Bool { rd_kafka_fatal_error(handle, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR }
}

/// The group's last decision about this member, from librdkafka's callback until the caller has heard of it.
final class PendingRebalance {
    enum Change {
        case assigned([TopicPartition])
        case revoked([TopicPartition], lost: Bool)
    }

    var change: Change?
    /// While the consumer closes nobody is there to hear: librdkafka gets its answer at once.
    var answersItself = false

    fileprivate func announce(
        _ client: OpaquePointer, _ code: rd_kafka_resp_err_t,
        _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) {
        if answersItself {
            rd_kafka_assign(client, nil)
            return
        }
        let list = partitions.pointee.elements.map { TopicPartition(String(cString: $0.topic), Int($0.partition)) }
        change =
            code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
            ? .assigned(list) : .revoked(list, lost: rd_kafka_assignment_lost(client) == 1)
        // The poll that called us shall return and tell.
        rd_kafka_yield(client)
    }
}
