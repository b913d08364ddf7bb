import Contracts
import Foundation
import Registry
import Testing

@Suite struct JSONFailureTests {
    struct Outer: Codable {
        enum Colour: String, Codable { case red }
        struct Inner: Codable { let at: Instant; let colour: Colour }
        let id: UUID?
        let list: [Inner]?
        let count: Int?
        let note: String?
    }

    private func failure(_ bytes: [UInt8]) -> JSON.Failure? {
        do { _ = try JSON.decode(Outer.self, from: bytes) } catch { return error as? JSON.Failure }
        return nil
    }

    private func failure(_ text: String) -> JSON.Failure? { failure(Array(text.utf8)) }

    @Test(arguments: [
        ("", .truncated, 0, ""), (" ", .truncated, 1, ""), ("{", .truncated, 1, ""), (#"{"note":"x"#, .truncated, 10, "/note"),
        (#"{"note":"x\"#, .truncated, 11, "/note"), (#"{"note":"\u12"#, .truncated, 13, "/note"), (#"{"count":-"#, .truncated, 10, "/count"),
        (#"{"list":[tru"#, .truncated, 12, "/list"), ("{} x", .trailingBytes, 3, ""), ("{}{}", .trailingBytes, 2, ""),
        (#"{"count":01}"#, .syntax, 10, "/count"), (#"{"count":1.}"#, .syntax, 11, "/count"), (#"{"count":1e}"#, .syntax, 11, "/count"),
        (#"{"count":+1}"#, .syntax, 9, "/count"), (#"{"count":NaN}"#, .syntax, 9, "/count"), (#"{"count":1,}"#, .syntax, 11, "/count"),
        (#"{"list":[{},]}"#, .syntax, 12, "/list/0"), (#"{"note":'x'}"#, .syntax, 8, "/note"), (#"{note:1}"#, .syntax, 1, ""),
        ("{\"note\":\"a\nb\"}", .syntax, 10, "/note"), (#"{"note":"\x"}"#, .syntax, 9, "/note"), ("{\"a\" 1}", .syntax, 5, "/a"),
        ("{\"note\":\"\u{0}\"}", .nul, 9, "/note"), (#"{"note":"\u0000"}"#, .nul, 9, "/note"),
        (#"{"note":"\ud800"}"#, .loneSurrogate, 9, "/note"), (#"{"note":"\udc00\ud800"}"#, .loneSurrogate, 9, "/note"),
        (#"{"note":"\ud800\ud800"}"#, .loneSurrogate, 9, "/note"), (#"{"note":"\ud800\n....."}"#, .loneSurrogate, 9, "/note"),
        (#"{"note":"a","note":"b"}"#, .duplicateKey, 12, "/note"), (#"{"note":"a","\u006eote":"b"}"#, .duplicateKey, 12, "/note"),
        (#"{"x":[{"y":1,"z":2,"y":3}]}"#, .duplicateKey, 19, "/x/0/y"),
        (#"{"count":1e400,"note":1}"#, .wrongType, 9, "/count"), (#"{"count":1.0}"#, .wrongType, 9, "/count"),
        (#"{"count":9223372036854775808}"#, .numberRange, 9, "/count"), (#"{"count":"1"}"#, .wrongType, 9, "/count"),
        (#"[]"#, .wrongType, 0, ""), ("null", .null, 0, ""), (#"{"list":{}}"#, .wrongType, 8, "/list"), (#"{"list":[null]}"#, .null, 9, "/list/0"),
        (#"{"list":[{"colour":"red"}]}"#, .missing, 9, "/list/0/at"), (#"{"list":[{"at":null,"colour":"red"}]}"#, .null, 15, "/list/0/at"),
        (#"{"list":[{"at":"2018-10-17","colour":"red"}]}"#, .invalidValue, 15, "/list/0/at"),
        (#"{"list":[{"at":"2018-10-17T00:00:00Z","colour":"blue"}]}"#, .unknownValue, 47, "/list/0/colour"),
        (#"{"id":"not-a-uuid"}"#, .invalidValue, 6, "/id"), (#"{"id":7}"#, .wrongType, 6, "/id"),
    ] as [(String, JSON.Failure.Code, Int, String)])
    func `what is wrong, where, and in which field`(text: String, code: JSON.Failure.Code, offset: Int, pointer: String) {
        let failure = failure(text)
        #expect(failure?.code == code)
        #expect(failure?.offset == offset)
        #expect(failure?.pointer == pointer)
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22], [0x22, 0xF0, 0x9F, 0x80, 0x22],
    ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused where they stand`(bytes: [UInt8]) {
        let text = Array(#"{"note":        "#.utf8) + bytes + Array("}".utf8)
        #expect(failure(text)?.code == .invalidUTF8)
        #expect(failure(text)?.offset == 17)
    }

    @Test func `nesting ends at thirty-two`() {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSON.decode(JSONValue.self, from: Array(nested(32).utf8)) }
        #expect(failure(nested(33))?.code == .tooDeep)
        #expect(failure(String(repeating: "[", count: 1_000_000))?.code == .tooDeep)
        #expect(failure(String(repeating: #"{"a":"#, count: 1_000_000))?.code == .tooDeep)
    }

    @Test func `a duplicate is found among many keys as among few`() {
        for count in [2, 31, 32, 33, 34, 5_000] {
            let keys = (0..<count).map { #""k\#($0)":1"# }
            #expect(failure("{\(keys.joined(separator: ","))}") == nil)
            for twin in [0, count / 2, count - 1] {
                #expect(failure("{\((keys + [keys[twin]]).joined(separator: ","))}")?.code == .duplicateKey)
            }
        }
    }

    @Test func `keys that only look alike are two keys`() throws {
        let text = #"{"é":1,"e\u0301":2,"abcdefgh-1-abcdefgh":3,"abcdefgh-2-abcdefgh":4}"#
        #expect(try JSON.decode([String: Int].self, from: Array(text.utf8)).count == 3)
        #expect(try JSON.decode(JSONValue.self, from: Array(text.utf8)).object?.members.count == 4)
    }

    @Test func `no failure repeats what the document says`() {
        let secrets = ["11010519491231002X", "王小明", "13800001234", "Wang Xiaoming"]
        for secret in secrets {
            let documents = [
                #"{"id":"\#(secret)"}"#, #"{"list":[{"at":"\#(secret)","colour":"red"}]}"#, #"{"list":[{"at":"2018-10-17T00:00:00Z","colour":"\#(secret)"}]}"#,
                #"{"\#(secret)":nil}"#, #"{"\#(secret)":1,"\#(secret)":2}"#, #"{"note":"\#(secret)\x"}"#, #"{"count":"\#(secret)"}"#, #"{"note":"\#(secret)"} \#(secret)"#,
            ]
            for document in documents {
                let failure = failure(document)
                #expect(failure != nil)
                #expect(!"\(String(describing: failure))\(String(reflecting: failure))".contains(secret))
            }
        }
    }
}
