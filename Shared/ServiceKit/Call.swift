import Contracts
import Foundation
import HTTPTypes

/// What a client sent: parameters of the path, query, headers and the whole body.
package struct Call: Sendable {
    let path: [String: String]
    let queries: [String: String]
    let headers: HTTPFields
    package let bytes: [UInt8]
    /// In place of `bytes` where the route puts bodies down.
    package let upload: Upload?
    package let traceparent: String?

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

    /// A parameter of the query that must be there and be an identifier.
    package func queryID<Subject>(_ name: String, _ type: ID<Subject>.Type = ID<Subject>.self) throws -> ID<Subject> {
        guard let uuid = queries[name].flatMap(UUID.init(uuidString:)) else { throw Invalid("?\(name)", "missing", "the query needs \(name)=<uuid>") }
        return ID(uuid)
    }

    /// How many items a page may have: `?limit=`, 1 to 500.
    package func limit(default fallback: Int = 50) throws -> Int {
        guard let text = queries["limit"] else { return fallback }
        guard let limit = Int(text), (1...500).contains(limit) else { throw Invalid("?limit", "out-of-range", "limit is 1 to 500") }
        return limit
    }

    package func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// The body read from JSON; faults name their place and never quote a value.
    package func body<Body: Decodable>(_ type: Body.Type = Body.self) throws -> Body {
        do { return try JSON.decode(type, from: bytes) } catch let failure as JSON.Failure {
            throw Invalid(failure.pointer, failure.code.rawValue, failure.description)
        }
    }
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

    package static var noContent: Reply { Reply(status: .noContent) }

    /// One page of a list; `next` goes into `?after=` for the next one (RFC 8288).
    package static func page(_ items: some Encodable, next: String?, call: Call) throws -> Reply {
        var reply = try json(items)
        if let next, let link = HTTPField.Name("Link") {
            var query = call.queries
            query["after"] = next
            let text = query.sorted { $0.key < $1.key }.map { "\(escaped($0))=\(escaped($1))" }.joined(separator: "&")
            reply.headers[link] = "<?\(text)>; rel=\"next\""
        }
        return reply
    }

    /// As RFC 3986 wants it in a query.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    package func with(_ name: HTTPField.Name, _ value: String) -> Reply {
        var copy = self
        copy.headers[name] = value
        return copy
    }
}
