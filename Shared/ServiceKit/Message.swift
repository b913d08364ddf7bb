import Contracts
import Foundation
import Kafka
import Registry

/// A record of the log, read as a CloudEvent in binary or structured mode. Passed from hand to hand by reference.
package final class Message: Sendable {
    /// As it came; its value is the exact bytes.
    let record: Record
    package let id: String
    package let type: String
    package let subject: UUID
    /// Its number among the events of its subject; nothing for a message from outside, which stands alone.
    package let sequence: Int?
    package let key: UUID?
    /// The event's own JSON: the record's value, or the `data` of a structured one.
    let data: [UInt8]
    /// The identifier that the inbox keeps; one that is no UUID gets one made of it.
    let inboxID: UUID

    /// Reads the envelope. `numbered` says whether the topic is one of ours, whose messages count 1, 2, 3 … per subject.
    init(_ record: Record, numbered: Bool) throws(Unreadable) {
        self.record = record
        guard let value = record.value else { throw Unreadable(reason: "no-value") }
        guard value.count <= Self.largestValue else { throw Unreadable(reason: "too-large") }
        let attributes: Headers
        (attributes, data) = try Self.open(record.headers, value)
        guard let id = attributes["ce_id"], !id.isEmpty else { throw Unreadable(reason: "no-ce-id") }
        guard let type = attributes["ce_type"], let source = attributes["ce_source"] else { throw Unreadable(reason: "no-ce-type") }
        guard !data.isEmpty else { throw Unreadable(reason: "no-value") }
        (self.id, self.type) = (id, type)
        inboxID = attributes.read("ce_id", UUID.init(utf8:)) ?? UUID(named: "\(source) \(id)", in: Self.namespace)
        key = record.keyUUID
        let subject = attributes.read("ce_subject", UUID.init(utf8:))
        if numbered {
            guard let subject else { throw Unreadable(reason: "no-ce-subject") }
            guard let sequence = attributes["ce_sequence"].flatMap({ Int32($0) }), sequence > 0 else { throw Unreadable(reason: "no-ce-sequence") }
            (self.subject, self.sequence) = (subject, Int(sequence))
        } else {
            self.subject = subject ?? UUID(named: "\(source) \(id)", in: Self.namespace)
            sequence = nil
        }
    }

    /// A larger value is parked unread: no event of ours comes near it.
    private static let largestValue = 1_000_000
    private static let namespace = UUID(uuid: (0x4C, 0x69, 0x6B, 0x61, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1))
}

extension Message {
    package var topic: String { record.topic }
    package var partition: Int { record.partition }
    package var offset: Int { Int(record.offset) }
    /// The exact bytes of the record's value.
    package var value: [UInt8] { record.value ?? [] }
    package func header(_ name: String) -> String? { record.headers[name] }

    /// What the inbox knows the message by: the number among its subject's, or its own identifier.
    var inboxSubject: UUID { sequence == nil ? inboxID : subject }
    var coordinates: Coordinates { record.coordinates }
    /// Whose trace goes on.
    var trace: TraceContext { record.headers.read("traceparent", TraceContext.init(utf8:)) ?? TraceContext() }
}

/// Why a message could not take effect. The code is public: metrics, `lika parked`.
struct Unreadable: Error, Sendable {
    let reason: String
}

extension Message {
    /// The attributes under the names that they have as headers, and the event's own JSON.
    private static func open(_ headers: Headers, _ value: [UInt8]) throws(Unreadable) -> (attributes: Headers, data: [UInt8]) {
        guard headers["content-type"]?.hasPrefix("application/cloudevents+json") == true else { return (headers, value) }
        do {
            let envelope = try JSON.decode(Structured.self, from: value)
            return (envelope.attributes, try envelope.data.map { try JSON.encode($0) } ?? [])
        } catch { throw Unreadable(reason: "not-json") }
    }

    private struct Structured: Decodable {
        let id, source, type, subject, sequence: String?
        let data: JSONValue?

        var attributes: Headers {
            var headers = Headers()
            for (name, value) in [("ce_id", id), ("ce_source", source), ("ce_type", type), ("ce_subject", subject), ("ce_sequence", sequence)] {
                if let value { headers.append(name, value) }
            }
            return headers
        }
    }
}

extension Record {
    var coordinates: Coordinates { Coordinates(topic, partition, Int(offset)) }
    /// The household, wherever there is one.
    var keyUUID: UUID? { key?.withUnsafeBufferPointer { UUID(utf8: $0) } }
}

extension Told {
    /// The record of the log: CloudEvents 1.0 in Kafka's binary mode.
    func record(source: String) -> OutgoingRecord {
        var headers = Headers(reservingBytes: 500)
        headers.append("ce_specversion", "1.0")
        headers.append("ce_id", id.lowercased)
        headers.append("ce_source", source)
        headers.append("ce_type", type)
        if let schema = Events.schemas[type] { headers.append("ce_dataschema", schema) }
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
