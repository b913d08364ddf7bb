import Contracts
import Foundation
import HTTPTypes
import Hummingbird

/// What a client sent: parameters of the path, query, headers and the whole body.
package struct Call: Sendable {
    /// The path as it was asked for.
    let address: String
    let path: [String: String]
    let queries: [String: String]
    let headers: HTTPFields
    package internal(set) var bytes: [UInt8] = []
    /// In place of `bytes` where the route puts bodies down.
    package internal(set) var upload: Upload?
    /// The body where it is a page's form.
    var sent: Form?
    package let traceparent: String?
    /// Who calls, as far as they have shown or said it.
    package internal(set) var principal: Principal?
    /// Whether somebody's word is not enough for who they are.
    var mustSignIn = false
    /// Whether the route is for people of a place, who see no other.
    var isBound = false
    /// Of the session by which they have shown it.
    var formKey: FormKey?
    var permissions: Permissions?
    /// The name that the request came with, `host:port`; and where browsers reach the service, if that is another.
    let host: String?
    var home: String?
    /// The address at the other end of the connection.
    let peer: String?
    package var actor: Actor? { principal.map { Actor(account: $0.account) } }

    /// One that says nothing but these headers.
    init(headers: HTTPFields) { (address, path, queries, self.headers, traceparent, host, peer) = ("/", [:], [:], headers, nil, nil, nil) }

    /// What somebody else asked for, in the name of whoever calls now.
    init(_ call: Call, address: String, path: [String: String], bytes: [UInt8]) {
        (self.address, self.path, queries, headers, traceparent) = (address, path, [:], call.headers, call.traceparent)
        (host, peer, self.bytes, principal) = (call.host, call.peer, bytes, call.principal)
        (mustSignIn, isBound, permissions) = (call.mustSignIn, call.isBound, call.permissions)
    }

    /// The request without its body.
    init(_ request: Request, _ context: PeerContext, _ trace: TraceContext) {
        address = request.uri.path
        path = Dictionary(context.parameters.map { (String($0.key), String($0.value)) }) { $1 }
        queries = Dictionary(request.uri.queryParameters.map { (String($0.key), String($0.value)) }) { $1 }
        (headers, traceparent) = (request.headers, trace.next())
        (host, peer) = (request.head.authority, context.peer)
    }

    /// A parameter of the path as an identifier; what is none names nothing and is not found.
    package func id<Subject>(_ name: String, _ type: ID<Subject>.Type = ID<Subject>.self) throws -> ID<Subject> {
        guard let uuid = path[name].flatMap(UUID.init(uuidString:)) else { throw NotFound(name) }
        return ID(uuid)
    }

    package func parameter(_ name: String) throws -> String {
        guard let value = path[name] else { throw NotFound(name) }
        return value
    }

    package func query(_ name: String) -> String? { queries[name] }

    /// A parameter of the query that is not blank: a form sends its empty fields as well.
    package func filled(_ name: String) -> String? {
        let text = queries[name]?.trimmingCharacters(in: .whitespaces)
        return text?.isEmpty == false ? text : nil
    }

    /// The query with one parameter set, as it stands in an address.
    package func query(with name: String, _ value: String) -> String {
        queries.merging([name: value]) { $1 }.sorted { $0.key < $1.key }.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")
    }

    /// A parameter of the query that must be there and be an identifier.
    package func queryID<Subject>(_ name: String, _ type: ID<Subject>.Type = ID<Subject>.self) throws -> ID<Subject> {
        guard let uuid = queries[name].flatMap(UUID.init(uuidString:)) else { throw Invalid("?\(name)", "missing", "the query needs \(name)=<uuid>") }
        return ID(uuid)
    }

    /// One of a few values; nothing where it is left out or blank.
    package func choice<Value: RawRepresentable<String> & CaseIterable>(_ name: String, of type: Value.Type = Value.self) throws -> Value? {
        guard let text = filled(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw Invalid("?\(name)", "unknown-value", "\(name) is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    /// How many items a page may have: `?limit=`, 1 to 500.
    package func limit(default fallback: Int = 50) throws -> Int {
        guard let text = queries["limit"] else { return fallback }
        guard let limit = Int(text), (1...500).contains(limit) else { throw Invalid("?limit", "out-of-range", "limit is 1 to 500") }
        return limit
    }

    /// As RFC 3986 wants it in a query.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    package func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// The body of a page's form.
    package func form() throws -> Form {
        guard let sent else { throw Invalid("", "form.type", "this route takes no form") }
        return sent
    }

    /// The body read from JSON; faults name their place and never quote a value.
    package func body<Body: Decodable>(_ type: Body.Type = Body.self) throws -> Body {
        do { return try JSON.decode(type, from: bytes) } catch let failure as JSON.Failure { throw Invalid(failure) }
    }
}

extension JSONValue {
    /// What it says, or where it is at fault: for a list in which each item stands for itself.
    package func read<Value: Decodable>(as type: Value.Type = Value.self) throws -> Result<Value, Invalid> {
        do { return .success(try JSON.decode(type, from: JSON.encode(self))) } catch let failure as JSON.Failure { return .failure(Invalid(failure)) }
    }
}

extension Invalid {
    fileprivate init(_ failure: JSON.Failure) { self.init(failure.pointer, failure.code.rawValue, failure.description) }
}

/// What the client is told.
package struct Reply: Sendable {
    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(status: HTTPResponse.Status, contentType: String = "application/json", body: [UInt8] = []) {
        (self.status, self.body) = (status, body)
        headers = [.contentType: contentType, .cacheControl: "no-store"]
    }

    package static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Reply {
        Reply(status: status, body: try JSON.encode(value))
    }

    package static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Reply {
        Reply(status: .ok, contentType: contentType, body: Array(text.utf8))
    }

    /// A spreadsheet to be kept under a name.
    package static func workbook(_ bytes: [UInt8], name: String) -> Reply {
        Reply(status: .ok, contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body: bytes)
            .with(.contentDisposition, "attachment; filename=\"\(name).xlsx\"")
    }

    package static var noContent: Reply { Reply(status: .noContent) }

    /// After a form: the browser goes there, and going back does not send the form again.
    package static func see(_ path: String) -> Reply {
        var reply = Reply(status: .seeOther)
        reply.headers[.location] = path
        return reply
    }

    /// One page of a list; `next` goes into `?after=` for the next one (RFC 8288).
    package static func page(_ items: some Encodable, next: String?, call: Call) throws -> Reply {
        var reply = try json(items)
        if let next, let link = HTTPField.Name("Link") { reply.headers[link] = "<?\(call.query(with: "after", next))>; rel=\"next\"" }
        return reply
    }

    /// For what hangs in public for its days only: kept nowhere, and found by no search engine.
    package var passing: Reply {
        guard let robots = HTTPField.Name("X-Robots-Tag") else { return self }
        return with(robots, "noindex, nofollow, noarchive, noimageindex").with(.cacheControl, "no-store")
    }

    package func with(_ name: HTTPField.Name, _ value: String) -> Reply {
        var copy = self
        copy.headers[name] = value
        return copy
    }
}
