import AsyncHTTPClient
import Contracts
import Foundation
import NIOCore
import NIOHTTP1

/// `infra/gateway/gateway.py`, a process of its own: the other side of short messages, e-mail and webhooks.
struct Gateway {
    let url: String
    /// Of its mail server.
    let mailURL: String

    struct Ledger: Decodable {
        let messages: Int
        let repeated: Int
        let turnedAway: Int
        let texts: [String]
        let hooks: [Hook]
        let mails: [Mail]
        let asked: [Asked]

        struct Hook: Decodable {
            let id: String
            let template: String
            let body: String
        }

        struct Mail: Decodable {
            let to: String
            let from: String
            let id: String
            let subject: String
            let body: String
        }

        struct Asked: Decodable, Equatable {
            let purpose: String
            let households: Int
        }
    }

    static let webhookKey = Data(repeating: 9, count: 32)

    /// Runs `body` with a gateway that listens, and ends it afterwards.
    static func with(_ arguments: [String] = [], _ body: (Gateway) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(filePath: (ProcessInfo.processInfo.environment["LIKA_HOME"] ?? "") + "/venv/bin/python")
        let program = URL(filePath: #filePath).appending(path: "../../../infra/gateway/gateway.py").standardized.path()
        process.arguments = [program, "--webhook-key", webhookKey.base64EncodedString(), "--mail"] + arguments
        let out = Pipe()
        process.standardOutput = out
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")), case let more = out.fileHandleForReading.availableData, !more.isEmpty { line += more }
        let ports = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let result: Result<Void, any Error>
        let gateway = Gateway(url: "http://127.0.0.1:\(ports.first ?? "")", mailURL: "smtp://127.0.0.1:\(ports.last ?? "")")
        do { result = .success(try await body(gateway)) } catch { result = .failure(error) }
        // A thread of the pool blocks the gentler signals, and what it spawns blocks them too.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try result.get()
    }

    struct Order: Encodable {
        var mode = "ok"
        var perSecond = 0
        var phoneless: [String] = []
    }

    func control(_ order: Order) async throws {
        var request = HTTPClientRequest(url: "\(url)/control")
        request.method = .PUT
        request.body = .bytes(try JSON.encode(order))
        _ = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
    }

    func ledger() async throws -> Ledger {
        let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: "\(url)/ledger"), timeout: .seconds(10))
        return try JSON.decode(Ledger.self, from: Array(try await answer.body.collect(upTo: 1 << 20).readableBytesView))
    }
}
