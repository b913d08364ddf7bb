import Contracts
import Foundation
import Yams

/// What a service's `openapi.yaml` says of its routes for programs, to hold the service against.
///
///     #expect(try OpenAPI(of: "Intake").differences(from: service.routes) == [])
package struct OpenAPI: Sendable {
    /// As `GET /v1/cases/{case}`.
    package var operations: Set<String> { Set(described.map(\.name)) }

    private let described: [Operation]
    private let check: SchemaCheck
    private let resolve: @Sendable (String) -> JSONValue?

    private struct Operation: Sendable {
        let method: String
        let path: String
        let says: JSONValue
        /// The path's own, as far as the operation does not say them anew.
        let parameters: [JSONValue]

        var name: String { "\(method) \(path)" }
        var steps: [Substring] { path.split(separator: "/") }
        /// How many steps of its path stand for anything: a path that names more of them goes first.
        var openness: Int { steps.count { $0.hasPrefix("{") } }

        func fits(_ method: String, _ path: Substring) -> Bool {
            let asked = path.split(separator: "/")
            return method == self.method && asked.count == steps.count && zip(steps, asked).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
    }

    package struct Unusable: Error { let what: String }

    /// A request and its answer.
    package struct Exchange: Sendable {
        package let method: String
        /// With its query.
        package let address: String
        package let headers: [String: String]
        package let body: [UInt8]
        package let answer: TestService.Answer
    }

    package init(of service: String) throws {
        let file = URL(filePath: #filePath).appending(path: "../../../Services/\(service)/openapi.yaml").standardized
        guard let root = try Yams.compose(yaml: String(contentsOf: file, encoding: .utf8)) else { throw Unusable(what: "\(file.path()) is empty") }
        try self.init(document: JSONValue(root))
    }

    init(document: JSONValue) throws {
        let resolve: @Sendable (String) -> JSONValue? = { document.at($0.drop { $0 == "#" }) }
        self.resolve = resolve
        check = SchemaCheck(isClosed: true, resolve: resolve)
        func resolved(_ value: JSONValue) -> JSONValue { value["$ref"]?.string.flatMap(resolve) ?? value }
        described = (document["paths"]?.object?.members ?? []).flatMap { path, item in
            let shared = (item["parameters"]?.array ?? []).map(resolved)
            return (item.object?.members ?? []).filter { $0.key != "parameters" }.map { method, says in
                let own = (says["parameters"]?.array ?? []).map(resolved)
                let others = shared.filter { parameter in !own.contains { $0["name"] == parameter["name"] && $0["in"] == parameter["in"] } }
                return Operation(method: method.uppercased(), path: path, says: says, parameters: own + others)
            }
        }
        guard !described.isEmpty else { throw Unusable(what: "no paths") }
    }

    // MARK: Routes

    /// What the service has and the document does not describe, and the other way round; pages are not described.
    package func differences(from routes: [(method: String, path: String)]) -> [String] {
        let real = Set(
            routes.filter { $0.path.hasPrefix("/v1/") }.map { route in
                "\(route.method) /" + route.path.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
            })
        return real.subtracting(operations).sorted().map { "not described: \($0)" } + operations.subtracting(real).sorted().map { "no such route: \($0)" }
    }

    /// As ``operations`` has it.
    package func operation(_ method: String, _ address: String) -> String? { find(method, address)?.name }

    private func find(_ method: String, _ address: String) -> Operation? {
        let path = address.prefix { $0 != "?" }
        return described.filter { $0.fits(method, path) }.min { $0.openness < $1.openness }
    }

    // MARK: Exchanges

    /// How the service was otherwise than described. What it refused says nothing of the request.
    package func failures(of exchange: Exchange) -> [String] {
        guard exchange.address.hasPrefix("/v1/"), let operation = find(exchange.method, exchange.address) else { return [] }
        let isTaken = (200..<300).contains(exchange.answer.status)
        let request = isTaken ? parameterFailures(operation, exchange) + bodyFailures(operation, exchange) : []
        return (request + answerFailures(operation, exchange.answer)).map { "\(operation.name) \(exchange.answer.status) \($0)" }
    }

    private func resolved(_ value: JSONValue) -> JSONValue { value["$ref"]?.string.flatMap(resolve) ?? value }

    private func parameterFailures(_ operation: Operation, _ exchange: Exchange) -> [String] {
        let steps = exchange.address.prefix { $0 != "?" }.split(separator: "/")
        let given: [String: [String: String]] = [
            "path": Dictionary(zip(operation.steps, steps).filter { $0.0.hasPrefix("{") }.map { (String($0.0.dropFirst().dropLast()), String($0.1)) }) { $1 },
            "query": Dictionary((URLComponents(string: exchange.address)?.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { $1 },
            "header": Dictionary(exchange.headers.map { ($0.key.lowercased(), $0.value) }) { $1 },
        ]
        var failures: [String] = []
        var known: Set<String> = []
        for parameter in operation.parameters {
            let (name, place) = (parameter["name"]?.string ?? "", parameter["in"]?.string ?? "")
            if place == "query" { known.insert(name) }
            failures += textFailures(given[place]?[place == "header" ? name.lowercased() : name], parameter, "?\(name)")
        }
        return failures + Set(given["query"]?.keys.map { $0 } ?? []).subtracting(known).sorted().map { "?\($0): unnamed" }
    }

    /// A parameter or a header: a text that may stand for a number.
    private func textFailures(_ text: String?, _ says: JSONValue, _ place: String) -> [String] {
        guard let text else { return says["required"] == true ? ["\(place): required"] : [] }
        let schema = resolved(says["schema"] ?? true)
        let number = schema["type"] == "integer" ? Int64(text).map(JSONValue.integer) : nil
        return check.failures(number ?? .string(text), schema, at: place)
    }

    private func bodyFailures(_ operation: Operation, _ exchange: Exchange) -> [String] {
        let content = operation.says["requestBody"].map(resolved)?["content"]
        guard let content else { return exchange.body.isEmpty || exchange.body == Array("{}".utf8) ? [] : ["body: not described"] }
        let type = exchange.headers.first { $0.key.lowercased() == "content-type" }.map { Self.media($0.value) }
        // What does not say what it is is JSON where that is taken.
        guard let schema = content[type ?? "application/json"]?["schema"] else {
            return type == nil || content[type ?? ""] != nil ? [] : ["body: \(type ?? "") is not described"]
        }
        return jsonFailures(exchange.body, schema, "body")
    }

    private func answerFailures(_ operation: Operation, _ answer: TestService.Answer) -> [String] {
        let responses = operation.says["responses"]
        guard let says = (responses?["\(answer.status)"] ?? responses?["default"]).map(resolved) else { return ["not described"] }
        var failures: [String] = []
        let described = says["headers"]?.object?.members ?? []
        for (name, header) in described { failures += textFailures(answer.headers[name.lowercased()], resolved(header), name) }
        for name in Self.tellingHeaders where answer.headers[name.lowercased()] != nil && !described.contains(where: { $0.key == name }) {
            failures.append("\(name): not described")
        }
        guard let content = says["content"] else { return answer.body.isEmpty ? failures : failures + ["a body that is not described"] }
        let type = Self.media(answer.headers["content-type"] ?? "")
        guard let media = content[type] else { return failures + ["\(type) is not described"] }
        return failures + (media["schema"].map { jsonFailures(answer.body, $0, "") } ?? [])
    }

    private func jsonFailures(_ bytes: [UInt8], _ schema: JSONValue, _ place: String) -> [String] {
        do { return check.failures(try JSON.decode(JSONValue.self, from: bytes), schema, at: place) } catch { return ["\(place): no JSON"] }
    }

    /// Those that tell a client something.
    private static let tellingHeaders = ["ETag", "Link", "Location", "Content-Disposition", "Retry-After"]

    /// `text/csv` of `text/csv; charset=utf-8`.
    private static func media(_ type: String) -> String { type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased() }
}

extension JSONValue {
    /// As YAML's core schema reads it.
    fileprivate init(_ node: Node) throws {
        switch node {
        case .mapping(let mapping): self = .object(JSONObject(try mapping.map { ($0.key.string ?? "", try JSONValue($0.value)) }))
        case .sequence(let sequence): self = .array(try sequence.map(JSONValue.init))
        case .scalar(let scalar): self.init(scalar)
        case .alias: throw OpenAPI.Unusable(what: "an alias; components are referred to by $ref")
        }
    }

    private init(_ scalar: Node.Scalar) {
        switch (scalar.style, scalar.string) {
        case (.plain, "true"): self = .bool(true)
        case (.plain, "false"): self = .bool(false)
        case (.plain, "null"), (.plain, "~"), (.plain, ""): self = .null
        case (.plain, let text): self = Int64(text).map(JSONValue.integer) ?? Double(text).map(JSONValue.number) ?? .string(text)
        case (_, let text): self = .string(text)
        }
    }
}
