import Foundation
import Registry

/// A scanned text and what can be read from its nodes. Reads the text in place, so it lives no longer than that.
final class Tape {
    let text: UnsafeBufferPointer<UInt8>
    let nodes: UnsafeMutableBufferPointer<Node>
    private let count: Int

    init(scanning text: UnsafeBufferPointer<UInt8>) throws(JSON.Failure) {
        guard text.count < Int(Int32.max) else { throw JSON.Failure(.tooLarge, offset: 0) }
        self.text = text
        nodes = .allocate(capacity: Scanner.capacity(for: text.count))
        var scanner = Scanner(text, into: nodes)
        do {
            try scanner.scan()
        } catch {
            nodes.deallocate()
            throw error
        }
        count = scanner.count
    }

    deinit { nodes.deallocate() }

    func failure(_ code: JSON.Failure.Code, at index: Int, missing key: String? = nil) -> JSON.Failure {
        let pointer = Pointer(nodes, count: count, text).pointer(to: index)
        let isQuoted = nodes[index].kind == .string || nodes[index].kind == .escaped
        return JSON.Failure(code, offset: Int(nodes[index].start) - (isQuoted ? 1 : 0), pointer: key.map { "\(pointer)/\($0)" } ?? pointer)
    }

    /// Not the kind of value that was asked for.
    func mismatch(at index: Int) -> JSON.Failure { failure(nodes[index].kind == .null ? .null : .wrongType, at: index) }
}

extension Tape {
    /// The value of a key. Fields are mostly asked for in the order in which they stand, so the search begins at the
    /// key found last.
    func member(_ key: String, of object: Int) -> Int? {
        let first = object + 1
        let end = Int(nodes[object].next)
        let mark = Int(nodes[object].mark)
        let start = mark == 0 ? first : mark
        return find(key, from: start, to: end, of: object) ?? find(key, from: first, to: start, of: object)
    }

    private func find(_ key: String, from start: Int, to end: Int, of object: Int) -> Int? {
        var index = start
        while index < end {
            if nodes[index].isNamed(key, in: text) {
                nodes[object].mark = UInt32(index)
                return index + 1
            }
            index = Int(nodes[index + 1].next)
        }
        return nil
    }

    /// The indices of an object's keys; each value follows its key.
    func keys(of object: Int) -> [Int] {
        var keys: [Int] = []
        var index = object + 1
        while index < Int(nodes[object].next) {
            keys.append(index)
            index = Int(nodes[index + 1].next)
        }
        return keys
    }

    func isNull(_ index: Int) -> Bool { nodes[index].kind == .null }

    func bool(at index: Int) throws -> Bool {
        switch nodes[index].kind {
        case .true: true
        case .false: false
        default: throw mismatch(at: index)
        }
    }

    func string(at index: Int) throws -> String {
        switch nodes[index].kind {
        case .string: String(decoding: slice(nodes[index]), as: UTF8.self)
        case .escaped: nodes[index].unescaped(in: text)
        default: throw mismatch(at: index)
        }
    }

    func integer<Number: FixedWidthInteger>(_ type: Number.Type, at index: Int) throws -> Number {
        let node = nodes[index]
        guard node.kind == .integer else { throw mismatch(at: index) }
        let digits = slice(node)
        let negative = digits[0] == UInt8(ascii: "-")
        var magnitude: UInt64 = 0
        for digit in negative ? UnsafeBufferPointer(rebasing: digits.dropFirst()) : digits {
            let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit & 0x0F))
            if overflow || carry { throw failure(.numberRange, at: index) }
            magnitude = sum
        }
        if negative, magnitude == Int64.min.magnitude, let number = Number(exactly: Int64.min) { return number }
        if negative, let value = Int64(exactly: magnitude), let number = Number(exactly: -value) { return number }
        guard !negative, let number = Number(exactly: magnitude) else { throw failure(.numberRange, at: index) }
        return number
    }

    func double(at index: Int) throws -> Double {
        let node = nodes[index]
        guard node.kind == .integer || node.kind == .number else { throw mismatch(at: index) }
        guard let number = Double(String(decoding: slice(node), as: UTF8.self)), number.isFinite else { throw failure(.numberRange, at: index) }
        return number
    }

    /// A value that reads its own bytes. None of those has a reason to be written with backslashes.
    func parsed<Value>(at index: Int, _ parse: (UnsafeBufferPointer<UInt8>) -> Value?) throws -> Value {
        let node = nodes[index]
        guard node.kind == .string || node.kind == .escaped else { throw mismatch(at: index) }
        guard node.kind == .string, let value = parse(slice(node)) else { throw failure(.invalidValue, at: index) }
        return value
    }

    func value(at index: Int) throws -> JSONValue {
        switch nodes[index].kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .integer: return .integer(try integer(Int64.self, at: index))
        case .number: return .number(try double(at: index))
        case .string, .escaped: return .string(try string(at: index))
        case .array:
            var elements: [JSONValue] = []
            var element = index + 1
            while element < Int(nodes[index].next) {
                elements.append(try value(at: element))
                element = Int(nodes[element].next)
            }
            return .array(elements)
        case .object:
            return .object(JSONObject(try keys(of: index).map { (try string(at: $0), try value(at: $0 + 1)) }))
        }
    }

    private func slice(_ node: Node) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: text[node.range]) }
}

extension Node {
    var range: Range<Int> { Int(start)..<Int(end) }

    /// A key's or string's bytes as they are meant.
    func bytes(in text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        kind == .escaped ? Array(unescaped(in: text).utf8) : Array(text[range])
    }

    func isNamed(_ key: String, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        if kind == .escaped { return unescaped(in: text).utf8.elementsEqual(key.utf8) }
        var key = key
        return key.withUTF8 { name in
            name.count == Int(end - start) && name.indices.allSatisfy { text[Int(start) + $0] == name[$0] }
        }
    }

    /// The string that a scanned text means. The scanner has checked every escape.
    func unescaped(in text: UnsafeBufferPointer<UInt8>) -> String {
        var result = ""
        var at = Int(start)
        func unit(at place: Int) -> UInt32 { text[place..<place + 4].reduce(0) { $0 << 4 | UInt32($1.hexadecimalDigit ?? 0) } }
        while at < Int(end) {
            guard text[at] == UInt8(ascii: "\\") else {
                let run = text[at..<Int(end)].prefix { $0 != UInt8(ascii: "\\") }
                result += String(decoding: run, as: UTF8.self)
                at = run.endIndex
                continue
            }
            at += 2
            switch text[at - 1] {
            case UInt8(ascii: "b"): result.unicodeScalars.append("\u{8}")
            case UInt8(ascii: "f"): result.unicodeScalars.append("\u{C}")
            case UInt8(ascii: "n"): result.unicodeScalars.append("\n")
            case UInt8(ascii: "r"): result.unicodeScalars.append("\r")
            case UInt8(ascii: "t"): result.unicodeScalars.append("\t")
            case UInt8(ascii: "u"):
                var scalar = unit(at: at)
                at += 4
                if (0xD800..<0xDC00).contains(scalar) {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (unit(at: at + 2) - 0xDC00)
                    at += 6
                }
                result.unicodeScalars.append(Unicode.Scalar(scalar) ?? "\u{FFFD}")
            case let plain: result.unicodeScalars.append(Unicode.Scalar(plain))
            }
        }
        return result
    }
}
