import Contracts
import Crypto
import Foundation
import Registry
import ServiceKit
import TestKit
import Testing

@testable import lika

@Suite struct CourierTests {
    private static let driver = "999999198001010018"
    private static let facts = """
        {"\(driver)": {"VEHICLE": {"outcome": "discrepant", "code": "VEHICLE_OVER_30000", "field": "vehicle", "remark": "\\"三轮车\\" / 🚲"}}}
        """

    private func withFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    private func message(_ value: [UInt8], at: Instant = Instant("2018-10-20T01:02:03.456Z")!, type: String = RequestSent.name) throws -> RequestBundle.Message {
        let asked: DepartmentDesk.Asked = try JSON.decode(from: value)
        return .init(
            id: UUID(), type: type, request: asked.request, household: asked.household, toldAt: at, traceparent: nil,
            value: String(decoding: value, as: UTF8.self))
    }

    private func request(sealedTo key: PublicKey? = nil, department: String = "POLICE") throws -> [UInt8] {
        let persons = [RequestSent.Person(member: MemberID(UUID()), name: "王甲", idNumber: Self.driver)]
        var value: JSONObject = [
            "request": .string(UUID().lowercased), "household": .string(UUID().lowercased), "campaign": .string(UUID().lowercased),
            "department": .string(department), "topic": "VEHICLE", "population": "registered", "dueOn": "2018-11-02",
            "persons": try JSON.decode(from: key == nil ? JSON.encode(persons) : Array("[]".utf8)),
        ]
        if let key { value["sealedPersons"] = .string(try Sealed.seal(JSON.encode(persons), to: key, for: "a request")) }
        return try JSON.encode(JSONValue.object(value))
    }

    private func bundle(_ messages: [RequestBundle.Message], _ office: KeyPair, for department: String = "POLICE") -> RequestBundle {
        RequestBundle(
            bundle: UUID(), department: department, madeAt: Instant("2018-10-21T00:00:00.000Z")!, office: office.publicSealing, messages: messages)
    }

    private func desk(_ keys: KeyPair) throws -> DepartmentDesk {
        DepartmentDesk(
            department: "POLICE", keys: keys, facts: try JSON.decode(from: Array(Self.facts.utf8)), signatory: "示例责任人", post: "信息数据复核责任人")
    }

    @Test func `a bundle is opened by its department alone, and only if the office signed it`() throws {
        let (office, police, other) = (KeyPair(), KeyPair(), KeyPair())
        let bundle = bundle([try message(request())], office)
        let text = try bundle.sealed(to: police.publicSealing, signedBy: office)
        #expect(!text.contains(Self.driver))
        #expect(try RequestBundle(opening: text, with: police, from: office.publicSigning).messages.count == 1)
        #expect(throws: Sealed.Unopened.self) { try RequestBundle(opening: text, with: other, from: office.publicSigning) }
        #expect(throws: Signed.Invalid.self) { try RequestBundle(opening: text, with: police, from: other.publicSigning) }
        // A letter in the middle, since the last one of a part may hold bits that count for nothing.
        var changed = Array(text.utf8)
        changed[changed.count / 2] = changed[changed.count / 2] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        #expect(throws: Sealed.Unopened.self) { try RequestBundle(opening: String(decoding: changed, as: UTF8.self), with: police, from: office.publicSigning) }
    }

    @Test func `answered twice, the answers are the same bytes`() throws {
        let (office, police) = (KeyPair(), KeyPair())
        let bundle = bundle([try message(request()), try message(request(sealedTo: police.publicSealing))], office)
        let (first, again) = (try Courier.Answer.answers(of: desk(police), to: bundle).0, try Courier.Answer.answers(of: desk(police), to: bundle).0)
        #expect(first.answers.map(\.value) == again.answers.map(\.value))
        #expect(first.answers.map(\.jws) == again.answers.map(\.jws))
        #expect(first.answers.map(\.id) == again.answers.map(\.id))
        for (answer, message) in zip(first.answers, bundle.messages) {
            try Signed.verify(answer.jws, over: Array(answer.value.utf8), type: Signed.result, by: police.publicSigning)
            let result = try JSON.decode(ResultReturned.self, from: Array(answer.value.utf8))
            #expect(result.outcome == .discrepant)
            #expect(result.requestDigest == Digest.sha256(Array(message.value.utf8)))
            #expect(!answer.value.contains(Self.driver))
        }
    }

    @Test func `an answer by courier has the bytes of the department's own program`() async throws {
        try await withFolder { folder in
            let keys = folder.appending(path: "keys")
            let police = KeyPair()
            try police.write(to: keys, "police")
            let value = try request(sealedTo: police.publicSealing)
            try Data(value).write(to: folder.appending(path: "request"))
            try Data(Self.facts.utf8).write(to: folder.appending(path: "facts"))
            let home = try #require(ProcessInfo.processInfo.environment["LIKA_HOME"])
            let program = """
                import json, pathlib, sys
                sys.path.insert(0, "infra/departments")
                import department
                folder = pathlib.Path(sys.argv[1])
                headers = {"ce_type": "\(RequestSent.name)", "ce_time": "2018-10-20T01:02:03.456Z"}
                result, answered = department.answer(
                    "POLICE", json.loads((folder / "facts").read_text()), headers, (folder / "request").read_bytes(), department.Keys(folder / "keys", "POLICE"))
                (folder / "result").write_bytes(result)
                print(answered["ce_id"])
                """
            let outcome = try await Command(URL(filePath: "\(home)/venv/bin/python")).run("-B", "-c", program, folder.path)
            #expect(outcome.status == 0, "\(outcome.text)")
            let answer = try desk(police).answer(value, sentAt: Instant("2018-10-20T01:02:03.456Z")!)
            #expect(try Array(Data(contentsOf: folder.appending(path: "result"))) == answer.value)
            #expect(outcome.lines.last == answer.id.lowercased)
        }
    }

    @Test func `what is not the department's, or cannot be opened, or is for a person to read stays unanswered and is named`() throws {
        let (office, police) = (KeyPair(), KeyPair())
        let strangers = [
            try message(request(department: "MARKET")), try message(request(sealedTo: KeyPair().publicSealing)),
            try message(request(), type: "lika.verification.request.sent-back.v1"),
        ]
        let (answers, remarks) = try Courier.Answer.answers(of: desk(police), to: bundle(strangers + [try message(request())], office))
        #expect(answers.answers.count == 1)
        #expect(remarks.count == 3)
        #expect(zip(remarks, strangers).allSatisfy { $0.contains($1.request.description) && !$0.contains(Self.driver) })
        #expect(throws: Courier.Trouble.self) { try Courier.Answer.answers(of: desk(police), to: bundle([], office, for: "MARKET")) }
    }

    @Test func `keys that were written are read again, and are their owner's alone`() async throws {
        try await withFolder { folder in
            let made = try KeyPair(in: folder.appending(path: "keys"), "office")
            let read = try KeyPair(in: folder.appending(path: "keys"), "office")
            #expect(read.publicSigning == made.publicSigning && read.publicSealing == made.publicSealing)
            #expect(try PublicKey(reading: folder.appending(path: "keys/office.enc.jwk.json")) == made.publicSealing)
            for file in ["office.key", "office.enc.key"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: "keys/\(file)").path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
        }
    }
}
