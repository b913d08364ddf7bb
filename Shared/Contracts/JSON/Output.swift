import Foundation
import Registry

/// The text being written: a buffer that grows, and the containers that are open in it.
final class Output {
    struct Frame {
        let isObject: Bool
        /// Tells this container from another that stood at the same depth.
        let serial: Int
        /// Where each member begins, if they must be sorted in the end.
        var members: [Int]?
        var isEmpty = true
    }

    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0
    private var frames: [Frame] = []
    private var serial = 0
    /// The first thing that has no form in JSON.
    private(set) var problem: JSON.Failure?

    init(capacity: Int = 1024) {
        self.capacity = capacity
        buffer = .allocate(capacity: capacity)
        frames.reserveCapacity(8)
    }

    deinit { buffer.deallocate() }

    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: buffer, count: count)) }
    var depth: Int { frames.count }

    /// Most of what an encoder is asked cannot throw, so a failure waits here until the value is done.
    private func fail(_ code: JSON.Failure.Code) { problem = problem ?? JSON.Failure(code, offset: count) }
}

/// Containers.
extension Output {
    /// Opens a container and returns what its members must be announced with.
    func open(object isObject: Bool, sorted: Bool = false) -> Int {
        if frames.count == JSON.maximumDepth { fail(.tooDeep) }
        serial += 1
        append(isObject ? "{" : "[")
        frames.append(Frame(isObject: isObject, serial: serial, members: sorted ? [] : nil))
        return serial
    }

    /// The serial of the container at this depth, if it is of the same kind: a value may ask for its container twice.
    func opened(at depth: Int, object isObject: Bool) -> Int? {
        depth <= frames.count && frames[depth - 1].isObject == isObject ? frames[depth - 1].serial : nil
    }

    func close(downTo depth: Int) {
        while frames.count > depth {
            let frame = frames.removeLast()
            if let members = frame.members, members.count > 1 { sort(members) }
            append(frame.isObject ? "}" : "]")
        }
    }

    /// Begins an element or, with a key, a member of the container at this depth. What is open inside it is complete.
    func begin(_ key: String? = nil, at depth: Int, serial: Int) {
        close(downTo: depth)
        guard frames.count == depth, frames[depth - 1].serial == serial else { return fail(.unencodable) }
        if frames[depth - 1].isEmpty { frames[depth - 1].isEmpty = false } else { append(",") }
        if frames[depth - 1].members != nil { frames[depth - 1].members?.append(count) }
        guard let key else { return }
        write(key)
        append(":")
    }

    /// Puts members, written in any order, into the order of their keys.
    private func sort(_ starts: [Int]) {
        let text = UnsafeBufferPointer(start: buffer, count: count)
        let ends = starts.dropFirst().map { $0 - 1 } + [count]
        let members = zip(starts, ends).map { Array(text[$0..<$1]) }
        count = starts[0]
        for (position, member) in members.sorted(by: { $0.lexicographicallyPrecedes($1) }).enumerated() {
            if position > 0 { append(",") }
            member.withUnsafeBufferPointer(append)
        }
    }
}

/// Values.
extension Output {
    func writeNull() { append("null") }
    func write(_ value: Bool) { append(value ? "true" : "false") }

    func write(_ value: Double) {
        guard value.isFinite else { return fail(.numberRange) }
        write(ascii: value.description)
    }

    func write(_ value: some FixedWidthInteger) {
        guard let value = Int64(exactly: value) else { return write(ascii: String(value)) }
        var rest = value.magnitude
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        if value < 0 { append("-") }
        rest = value.magnitude
        append(count: digits) { target in
            for place in stride(from: digits - 1, through: 0, by: -1) {
                target[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
    }

    func write(_ value: UUID) { quoted(UUID.textLength, value.writeText) }

    func write(_ value: Instant) {
        guard Instant.writable.contains(value) else { return fail(.numberRange) }
        quoted(Instant.textLength, value.write)
    }

    func write(_ value: LocalDate) {
        guard LocalDate.writable.contains(value) else { return fail(.numberRange) }
        quoted(LocalDate.textLength, value.write)
    }

    func write(_ value: String) {
        var value = value
        append("\"")
        let hasNUL = value.withUTF8 { text in
            var run = 0
            for at in text.indices where text[at] < 0x20 || text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "\\") {
                if text[at] == 0 { return true }
                append(UnsafeBufferPointer(rebasing: text[run..<at]))
                escape(text[at])
                run = at + 1
            }
            append(UnsafeBufferPointer(rebasing: text[run...]))
            return false
        }
        // The reader refuses it, and PostgreSQL cannot store it.
        if hasNUL { fail(.nul) }
        append("\"")
    }

    private func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        default: write(ascii: byte < 16 ? "\\u000\(String(byte, radix: 16))" : "\\u00\(String(byte, radix: 16))")
        }
    }
}

/// Bytes.
extension Output {
    private func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private func write(ascii text: String) {
        var text = text
        text.withUTF8(append)
    }

    private func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        append(count: bytes.count) { $0.update(from: source, count: bytes.count) }
    }

    private func quoted(_ length: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Void) {
        append(count: length + 2) { target in
            target[0] = UInt8(ascii: "\"")
            write(target + 1)
            target[length + 1] = UInt8(ascii: "\"")
        }
    }

    private func append(count added: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Void) {
        if count + added > capacity { grow(to: count + added) }
        write(buffer + count)
        count += added
    }

    private func grow(to needed: Int) {
        capacity = max(needed, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: buffer, count: count)
        buffer.deallocate()
        buffer = larger
    }
}
