import Contracts
import Foundation
import Kafka
import Registry

/// A record of the log, read as a CloudEvent in binary or structured mode.
package struct Message: Sendable {
    package let topic: String
    package let partition: Int
    package let offset: Int
    package let headers: Headers
    /// The exact bytes of the record's value.
    package let value: [UInt8]

    package let id: String
    package let type: String
    package let source: String
    package let time: Instant?
    package let subject: UUID
    /// Its number among the events of its subject; nothing for a message from outside, which stands alone.
    package let sequence: Int?
    package let key: UUID?
    package let traceparent: String?
    /// The event's own JSON: `value` itself, or the `data` of a structured one.
    let data: [UInt8]

    /// The identifier that the inbox keeps; one that is no UUID gets one made of it.
    var inboxID: UUID { UUID(uuidString: id) ?? UUID(named: "\(source) \(id)", in: Message.namespace) }
    /// What the inbox knows the message by: the number among its subject's, or its own identifier.
    var inboxSubject: UUID { sequence == nil ? inboxID : subject }

    var coordinates: Coordinates { Coordinates(topic, partition, offset) }

    private static let namespace = UUID(uuid: (0x4C, 0x69, 0x6B, 0x61, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1))

    package func header(_ name: String) -> String? { headers[name] }
}

/// Why a message could not take effect. The code is public: metrics, `lika parked`.
struct Unreadable: Error, Sendable {
    let reason: String
}

/// A larger value is parked unread: no event of ours comes near it.
private let largestValue = 1_000_000

extension Message {
    /// Reads the envelope. `numbered` says whether the topic is one of ours, whose messages count 1, 2, 3 … per subject.
    init(_ record: Record, numbered: Bool) throws(Unreadable) {
        (topic, partition, offset, headers) = (record.topic, record.partition, Int(record.offset), record.headers)
        guard let value = record.value else { throw Unreadable(reason: "no-value") }
        self.value = value
        guard value.count <= largestValue else { throw Unreadable(reason: "too-large") }
        func text(_ name: String) -> String? { record.headers[name] }

        let attributes: Attributes
        if text("content-type")?.hasPrefix("application/cloudevents+json") == true {
            attributes = try Attributes(structured: value)
            data = attributes.data
        } else {
            attributes = Attributes(
                id: text("ce_id"), source: text("ce_source"), type: text("ce_type"), time: text("ce_time"), subject: text("ce_subject"),
                sequence: text("ce_sequence"), data: [])
            data = value
        }
        guard let id = attributes.id, !id.isEmpty else { throw Unreadable(reason: "no-ce-id") }
        guard let type = attributes.type, let source = attributes.source else { throw Unreadable(reason: "no-ce-type") }
        guard !data.isEmpty else { throw Unreadable(reason: "no-value") }
        (self.id, self.type, self.source) = (id, type, source)
        time = attributes.time.flatMap { Instant($0) }
        traceparent = text("traceparent")
        key = record.key.flatMap { UUID(uuidString: String(decoding: $0, as: UTF8.self)) }
        if numbered {
            guard let subject = attributes.subject.flatMap({ UUID(uuidString: $0) }) else { throw Unreadable(reason: "no-ce-subject") }
            guard let sequence = attributes.sequence.flatMap({ Int32($0) }), sequence > 0 else { throw Unreadable(reason: "no-ce-sequence") }
            (self.subject, self.sequence) = (subject, Int(sequence))
        } else {
            subject = attributes.subject.flatMap { UUID(uuidString: $0) } ?? UUID(named: "\(source) \(id)", in: Message.namespace)
            sequence = nil
        }
    }

    private struct Attributes {
        let id, source, type, time, subject, sequence: String?
        let data: [UInt8]

        init(id: String?, source: String?, type: String?, time: String?, subject: String?, sequence: String?, data: [UInt8]) {
            (self.id, self.source, self.type, self.time, self.subject, self.sequence) = (id, source, type, time, subject, sequence)
            self.data = data
        }

        private struct Structured: Decodable {
            let id, source, type, time, subject, sequence: String?
            let data: JSONValue?
        }

        init(structured bytes: [UInt8]) throws(Unreadable) {
            do {
                let envelope = try JSON.decode(Structured.self, from: bytes)
                self.init(
                    id: envelope.id, source: envelope.source, type: envelope.type, time: envelope.time, subject: envelope.subject,
                    sequence: envelope.sequence, data: try envelope.data.map { try JSON.encode($0) } ?? [])
            } catch { throw Unreadable(reason: "not-json") }
        }
    }
}

extension Told {
    /// The record of the log: CloudEvents 1.0 in Kafka's binary mode.
    func record(source: String) -> OutgoingRecord {
        var headers = Headers(reservingBytes: 400)
        headers.append("ce_specversion", "1.0")
        headers.append("ce_id", id.lowercased)
        headers.append("ce_source", source)
        headers.append("ce_type", type)
        headers.append("ce_time", at.description)
        headers.append("ce_subject", subject.lowercased)
        headers.append("ce_sequence", Self.padded(sequence))
        headers.append("content-type", "application/json")
        if let traceparent { headers.append("traceparent", traceparent) }
        return OutgoingRecord(topic: topic, key: Array(key.lowercased.utf8), value: data, headers: headers)
    }

    /// Ten digits, so that numbers sort as text (CloudEvents sequence extension).
    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }
}
