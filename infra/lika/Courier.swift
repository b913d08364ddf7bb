import ArgumentParser
import Contracts
import Foundation
import Registry
import ServiceKit

/// `lika courier`: the exchange with a department that has no network, by files that somebody carries.
struct Courier: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Carries requests to a department without a network, and its signed answers back.",
        discussion: """
            export at the office writes the open requests into a file that only the department can open; answer at the department opens \
            it, answers from its data and writes a file that only the office can open; import at the office hands the answers to the \
            verification service, which judges them as if they had come by Kafka. Carrying a file twice does no harm.
            """,
        subcommands: [Export.self, Answer.self, Import.self])

    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    static func folder(_ path: String) -> URL { URL(filePath: path, directoryHint: .isDirectory) }

    /// For its owner only, and whole or not at all.
    static func write(_ text: String, to path: String) throws {
        let new = path + ".new"
        guard FileManager.default.createFile(atPath: new, contents: Data((text + "\n").utf8), attributes: [.posixPermissions: 0o600]) else {
            throw Trouble(description: "cannot write \(path)")
        }
        guard rename(new, path) == 0 else { throw Trouble(description: "cannot write \(path)") }
    }

    static func read(_ path: String) throws -> String {
        guard FileManager.default.fileExists(atPath: path) else { throw Trouble(description: "there is no file \(path)") }
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// A step that takes a while shows how far it is, where the answer of the command is not read by a program.
    static func progress(_ text: String) { FileHandle.standardError.write(Data("courier: \(text)\n".utf8)) }
}

extension Courier {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Writes the open requests of a department into a file for it.")

        @Option(help: "The department, as police.") var department: String
        @Option(help: "The folder with the departments' public keys; <department>.enc.jwk.json is needed.") var keys: String
        @Option(help: "The folder with the office's own keys, made there the first time. office.jwk.json is for the departments.") var office: String
        @Option(help: "The file to write.") var output: String

        func run() async throws { try await run(Suite(round: "courier", patience: 60, of: [.verification])) }

        func run(_ suite: Suite) async throws {
            let name = department.lowercased()
            let sealing = try PublicKey(reading: Courier.folder(keys).appending(path: "\(name).enc.jwk.json"))
            let own = try KeyPair(in: Courier.folder(office), "office")
            let messages: [RequestBundle.Message] = try await suite.all(.verification, "/v1/departments/\(name)/open-requests") { count in
                Courier.progress("\(count) read")
            }
            let bundle = RequestBundle(
                bundle: UUID(), department: name.uppercased(), madeAt: Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)),
                office: own.publicSealing, messages: messages)
            try Courier.write(bundle.sealed(to: sealing, signedBy: own), to: output)
            let requests = Set(messages.map(\.request)).count
            print("courier: bundle=\(bundle.bundle.lowercased) department=\(name) requests=\(requests) file=\(output)")
        }
    }

    struct Answer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "At the department: answers the requests of a file from its data, signs, and writes the answers into another.",
            discussion: "Run again with the same data, it writes the same answers byte for byte, and those that the department's program would write.")

        @Argument(help: "The file that came from the office.") var requests: String
        @Option(help: "The department, as police.") var department: String
        @Option(help: "The folder with the department's private keys, <department>.key and <department>.enc.key.") var keys: String
        @Option(help: "The office's public key, office.jwk.json, that was handed over with the first visit.") var office: String
        @Option(help: "What the department knows, as for its program: {\"<ID number>\": {\"<TOPIC>\": {…}}}.") var data: String
        @Option(help: "Who answers for the department.") var signatory: String
        @Option(help: "Their post.") var post: String
        @Option(help: "The file to write.") var output: String

        func run() async throws {
            let own = try KeyPair(reading: Courier.folder(keys), department.lowercased())
            let bundle = try RequestBundle(opening: Courier.read(requests), with: own, from: PublicKey(reading: URL(filePath: office)))
            let facts = try JSON.decode([String: [String: DepartmentDesk.Fact]].self, from: Array(Courier.read(data).utf8))
            let desk = DepartmentDesk(department: department.uppercased(), keys: own, facts: facts, signatory: signatory, post: post)
            let (answers, remarks) = try Self.answers(of: desk, to: bundle)
            for remark in remarks { Courier.progress(remark) }
            try Courier.write(answers.sealed(to: bundle.office), to: output)
            print("courier: bundle=\(bundle.bundle.lowercased) department=\(department.lowercased()) answers=\(answers.answers.count) unanswered=\(remarks.count) file=\(output)")
        }

        /// The answers, and in words what was not answered.
        static func answers(of desk: DepartmentDesk, to bundle: RequestBundle) throws -> (AnswerBundle, remarks: [String]) {
            guard bundle.department == desk.department else {
                throw Trouble(description: "this file is for the department \(bundle.department), not for \(desk.department)")
            }
            var answers: [AnswerBundle.Answer] = []
            var remarks: [String] = []
            for message in bundle.messages {
                switch message.type {
                case RequestSent.name:
                    do {
                        let answer = try desk.answer(Array(message.value.utf8), sentAt: message.toldAt)
                        answers.append(
                            .init(
                                id: answer.id, request: answer.request, household: answer.household, time: answer.signedAt,
                                traceparent: message.traceparent, jws: answer.jws, value: String(decoding: answer.value, as: UTF8.self)))
                    } catch { remarks.append("request \(message.request) is not answered: \(error)") }
                default:
                    remarks.append("request \(message.request): a message of type \(message.type), for a person to read")
                }
                if answers.count % 1_000 == 0, !answers.isEmpty { Courier.progress("\(answers.count) answered") }
            }
            return (AnswerBundle(bundle: bundle.bundle, department: bundle.department, answers: answers), remarks)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hands a department's answers to the verification service and writes a receipt for each.",
            discussion: "Exits 1 unless every answer counts. Broken off, it is run again with the same file; nothing counts twice.")

        @Argument(help: "The file that came from the department.") var answers: String
        @Option(help: "The folder with the office's own keys.") var office: String
        @Option(help: "Where the receipts go, one JSON line each.") var receipts: String

        func run() async throws { try await run(Suite(round: "courier", patience: 60, of: [.verification])) }

        func run(_ suite: Suite) async throws {
            let bundle = try AnswerBundle(opening: Courier.read(answers), with: KeyPair(reading: Courier.folder(office), "office"))
            var written: [String] = []
            var counts = (accepted: 0, repeated: 0, refused: 0)
            for answer in bundle.answers {
                let receipt = try await Self.hand(answer, of: bundle, to: suite)
                written.append(String(decoding: try JSON.encode(receipt), as: UTF8.self))
                if receipt.repeated { counts.repeated += 1 }
                if receipt.accepted {
                    counts.accepted += 1
                } else {
                    counts.refused += 1
                    if counts.refused <= 20 { Courier.progress("request \(answer.request) does not count: \(receipt.reason ?? "")") }
                }
                if written.count % 1_000 == 0 { Courier.progress("\(written.count) of \(bundle.answers.count) handed in") }
            }
            try Courier.write(written.joined(separator: "\n"), to: receipts)
            print("courier: bundle=\(bundle.bundle.lowercased) department=\(bundle.department.lowercased()) answers=\(bundle.answers.count) accepted=\(counts.accepted) repeated=\(counts.repeated) refused=\(counts.refused) receipts=\(receipts)")
            if counts.refused > 0 { throw ExitCode(1) }
        }

        struct Receipt: Codable, Sendable {
            let request: RequestID
            let digest: String
            let accepted: Bool
            let reason: String?
            let repeated: Bool
            let receivedAt: Instant?
        }

        /// An answer that cannot even be read as one is refused by the service as invalid; the others must not wait for it.
        static func hand(_ answer: AnswerBundle.Answer, of bundle: AnswerBundle, to suite: Suite) async throws -> Receipt {
            let department = bundle.department.lowercased()
            var headers = [
                "ce-specversion": "1.0", "ce-id": answer.id.lowercased, "ce-source": "/departments/\(department)", "ce-type": ResultReturned.name,
                "ce-time": answer.time.description, "ce-subject": answer.request.description, "jws": answer.jws,
            ]
            headers["traceparent"] = answer.traceparent
            do {
                return try await suite.post(
                    .verification, "/v1/departments/\(department)/results", bytes: Data(answer.value.utf8), contentType: "application/json",
                    headers: headers, deed: "courier \(answer.id)", as: Receipt.self)
            } catch let refused as Suite.Refused where refused.status == 422 {
                return Receipt(
                    request: answer.request, digest: Digest.sha256(Array(answer.value.utf8)), accepted: false, reason: refused.problem,
                    repeated: false, receivedAt: nil)
            }
        }
    }
}
