import Contracts
import Foundation
import Registry
import Testing

/// Broken and invented documents, by numbers that are the same on every run.
@Suite struct JSONFuzzTests {
    @Test func `of ten thousand damaged documents we read those that Foundation reads, and the same in them`() throws {
        var random = Seeded(18)
        let whole = Array(JSONTests.text.utf8)
        var (read, refused) = (0, 0)
        for _ in 0..<10_000 {
            var bytes = whole
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(at...)
            case 2, 3: bytes.remove(at: at)
            case 4, 5: bytes[at] = UInt8.random(in: 0x20..<0x7F, using: &random)
            default: bytes.insert("{}[]\",:\\u0d8-+.eE 1".utf8.randomElement(using: &random)!, at: at)
            }
            let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            do {
                let ours = try JSON.decode(JSONValue.self, from: bytes)
                read += 1
                #expect(ours.agrees(with: theirs))
            } catch let failure as JSON.Failure {
                refused += 1
                // What Foundation lets pass and we do not has a name of its own, but for a comma before a bracket.
                let isComma = failure.offset > 0 && bytes[failure.offset - 1] == UInt8(ascii: ",")
                if [.syntax, .truncated, .trailingBytes].contains(failure.code), !isComma { #expect(theirs == nil) }
            }
            _ = try? JSON.decode(Sample.self, from: bytes)
        }
        #expect(read > 1_000 && refused > 1_000)
    }

    @Test func `an invented document comes back from writing and from pretty writing as it was`() throws {
        var random = Seeded(2018)
        for _ in 0..<2_000 {
            let value = invent(depth: 0, &random)
            #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == value)
            #expect(try JSON.decode(JSONValue.self, from: value.pretty()) == value)
        }
    }

    private func invent(depth: Int, _ random: inout Seeded) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .number(Double.random(in: -1e300...1e300, using: &random))
        case 4, 5: return .string(text(&random))
        case 6: return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in invent(depth: depth + 1, &random) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<5, using: &random) { object[text(&random)] = invent(depth: depth + 1, &random) }
            return .object(object)
        }
    }

    private func text(_ random: inout Seeded) -> String {
        let letters: [Character] = ["a", "Z", "0", "\"", "\\", "/", "\n", "\t", "\u{1F}", "\u{7F}", "é", "王", "\u{2028}", "🀄", "\u{10FFFF}"]
        return String((0..<Int.random(in: 0..<20, using: &random)).map { _ in letters.randomElement(using: &random)! })
    }
}

extension JSONValue {
    fileprivate func agrees(with theirs: Any?) -> Bool {
        switch self {
        case .null: theirs is NSNull
        case .bool(let value): theirs as? Bool == value
        case .integer(let value): (theirs as? NSNumber)?.int64Value == value
        // Foundation reads decimals in another way, which differs in the last digit.
        case .number(let value): (theirs as? NSNumber).map { abs($0.doubleValue - value) <= abs(value) * 1e-14 } == true
        case .string(let value): (theirs as? String).map { Array($0.utf8) == Array(value.utf8) } == true
        case .array(let values): (theirs as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy { $0.agrees(with: $1) } } == true
        case .object(let object):
            (theirs as? [String: Any]).map { theirs in
                theirs.count == object.members.count && object.members.allSatisfy { $0.value.agrees(with: theirs[$0.key]) }
            } == true
        }
    }
}

struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
