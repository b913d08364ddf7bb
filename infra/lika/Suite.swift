import AsyncHTTPClient
import Contracts
import Foundation
import NIOCore
import NIOHTTP1
import Registry
import ServiceKit

/// The HTTP APIs of the four services, as any client sees them.
struct Suite: Sendable {
    enum Service: String, CaseIterable, Sendable {
        case intake, verification, review, notification
    }

    /// A service said no, or nothing that can be understood. Names the request, the code of the problem, and no person.
    struct Refused: Error, CustomStringConvertible {
        let request: String
        let status: Int
        let problem: String
        var description: String { "\(request) was answered \(status) \(problem)" }
    }

    struct Unreachable: Error, CustomStringConvertible {
        let request: String
        let seconds: Double
        let reason: String
        var description: String { "\(request) got no answer within \(Int(seconds)) s: \(reason)" }
    }

    private let urls: [Service: String]
    private let caller: Caller
    /// Names the keys of idempotency: what was done in one round under one name is done once, however often it is asked.
    private let round: UUID
    /// How many seconds a service may be away.
    private let patience: Double

    init(round: String, patience: Double, of services: [Service] = Service.allCases) async throws {
        try await self.init(
            round: round, patience: patience, urls: Dictionary(uniqueKeysWithValues: services.map { ($0, try Surroundings.url(of: $0.rawValue)) }),
            caller: Caller.found())
    }

    init(round: String, patience: Double, urls: [Service: String], caller: Caller = .command) {
        self.init(urls: urls, caller: caller, round: UUID(named: round, in: Self.namespace), patience: patience)
    }

    private init(urls: [Service: String], caller: Caller, round: UUID, patience: Double) {
        (self.urls, self.caller, self.round, self.patience) = (urls, caller, round, patience)
    }

    /// The same round, as somebody who looks after this place alone.
    func acting(within place: DivisionCode) -> Suite { Suite(urls: urls, caller: caller.acting(within: place), round: round, patience: patience) }

    /// The same round, as somebody who is this in it.
    func acting(as role: Role) -> Suite { Suite(urls: urls, caller: caller.acting(as: role), round: round, patience: patience) }

    /// The same, in the name of an account.
    func acting(for account: String) -> Suite { Suite(urls: urls, caller: caller.acting(for: account), round: round, patience: patience) }

    private static let namespace = UUID(uuid: (0x4C, 0x69, 0x6B, 0x61, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 2))

    func get<Answer: Decodable>(_ service: Service, _ path: String, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await decoded(exchange(.GET, service, path), "GET \(path)")
    }

    /// Every item of a list, page by page; `progress` hears how many there are so far.
    func all<Item: Decodable>(
        _ service: Service, _ path: String, of type: Item.Type = Item.self, progress: (Int) -> Void = { _ in }
    ) async throws -> [Item] {
        var items: [Item] = []
        var next: String? = path + (path.contains("?") ? "&" : "?") + "limit=500"
        while let page = next {
            let response = try await exchange(.GET, service, page)
            items += try decoded(response, "GET \(path)") as [Item]
            progress(items.count)
            next = response.next.map { $0.hasPrefix("?") ? path.prefix { $0 != "?" } + $0 : $0 }
        }
        return items
    }

    /// `deed` tells this posting from every other of the round; the same deed with the same body takes effect once.
    @discardableResult
    func post<Answer: Decodable>(
        _ service: Service, _ path: String, _ body: some Encodable, deed: String, as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try await post(service, path, bytes: Self.encoded(body), contentType: "application/json", deed: deed)
    }

    @discardableResult
    func post<Answer: Decodable>(
        _ service: Service, _ path: String, bytes: Data, contentType: String, headers more: [String: String] = [:], deed: String,
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let key = UUID(named: "\(deed) \(path) \(bytes.base64EncodedString())", in: round)
        let headers = ["Idempotency-Key": "\"\(key.lowercased)\"", "Content-Type": contentType].merging(more) { $1 }
        return try await decoded(exchange(.POST, service, path, headers, bytes), "POST \(path)")
    }

    /// Hands in a whole that replaces the one before.
    func put(_ service: Service, _ path: String, bytes: Data, contentType: String) async throws {
        _ = try await exchange(.PUT, service, path, ["Content-Type": contentType], bytes)
    }

    // MARK: One exchange

    private struct Response {
        let body: Data
        /// The reference to the next page, which may be only its query.
        let next: String?
    }

    /// Sends until there is an answer: a service that is restarting is not an error of the round.
    private func exchange(
        _ method: HTTPMethod, _ service: Service, _ path: String, _ headers: [String: String] = [:], _ body: Data? = nil
    ) async throws -> Response {
        var request = HTTPClientRequest(url: urls[service, default: ""] + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let shown = try await caller.shown
        request.headers.add(name: shown.name, value: shown.value)
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let what = "\(method.rawValue) \(service.rawValue)\(path.prefix { $0 != "?" })"
        let giveUp = ContinuousClock.now + .seconds(patience)
        var pause = 0.05
        while true {
            let reason: String
            do {
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                let bytes = Data(try await response.body.collect(upTo: 64 << 20).readableBytesView)
                switch response.status.code {
                case 200..<300: return Response(body: bytes, next: Self.next(response.headers["Link"]))
                case 429, 503: reason = "it answers \(response.status.code)"
                case let status: throw Refused(request: what, status: Int(status), problem: Self.problem(in: bytes))
                }
            } catch let refused as Refused {
                throw refused
            } catch {
                try Task.checkCancellation()
                reason = "\(error)"
            }
            guard ContinuousClock.now < giveUp else { throw Unreachable(request: what, seconds: patience, reason: reason) }
            try await Task.sleep(for: .seconds(pause))
            pause = min(1, pause * 2)
        }
    }

    /// One body has one form, as the key of idempotency is made of it.
    private static func encoded(_ body: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(body)
    }

    /// The reference in `<…>; rel="next"`.
    private static func next(_ links: [String]) -> String? {
        for link in links.flatMap({ $0.split(separator: ",") }) where link.contains("rel=\"next\"") {
            guard let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">") else { continue }
            return String(link[link.index(after: start)..<end])
        }
        return nil
    }

    private struct Problem: Decodable {
        let type: String?
        let code: String?
        let errors: [Invalid.Fault]?
    }

    /// Of a problem response only what carries no personal data: its code and where the faults lie.
    private static func problem(in bytes: Data) -> String {
        let problem: Problem
        do { problem = try JSONDecoder().decode(Problem.self, from: bytes) } catch { return "without a problem document" }
        let faults = problem.errors.map { $0.prefix(5).map { "\($0.pointer) \($0.code)" }.joined(separator: ", ") }
        return [problem.code ?? problem.type, faults].compactMap { $0 }.joined(separator: ": ")
    }

    private func decoded<Answer: Decodable>(_ response: Response, _ request: String) throws -> Answer {
        do { return try JSONDecoder().decode(Answer.self, from: response.body) } catch {
            throw Refused(request: request, status: 200, problem: "not of the expected form: \(error)")
        }
    }
}
