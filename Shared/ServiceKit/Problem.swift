import Contracts
import HTTPTypes
import Hummingbird
import NIOHTTP1
import Postgres

/// A problem as RFC 9457 says it: no personal data, no details of failures.
struct Problem: Codable, Sendable {
    let type: String
    let title: String
    let status: Int
    let detail: String?
    let code: String
    let instance: String
    let errors: [Invalid.Fault]?
    /// Seconds after which trying again makes sense.
    private var retryAfter: Int?

    private enum CodingKeys: CodingKey { case type, title, status, detail, code, instance, errors }

    init(_ slug: String, _ title: String, _ status: HTTPResponse.Status, code: String, detail: String? = nil, errors: [Invalid.Fault]? = nil, trace: TraceContext) {
        type = "/problems/\(slug)"
        (self.title, self.status, self.code, self.detail, self.errors) = (title, status.code, code, detail, errors)
        instance = trace.traceID
        retryAfter = status == .serviceUnavailable ? 1 : nil
    }

    init(_ error: any Error, trace: TraceContext) {
        switch error {
        case let refusal as any Refusal:
            self.init("refused", "The state does not allow it", .conflict, code: refusal.code, trace: trace)
        case let invalid as Invalid:
            self.init("invalid", "The data are not acceptable", .unprocessableContent, code: "invalid", errors: invalid.faults, trace: trace)
        case let missing as NotFound:
            self.init("not-found", "There is no such thing", .notFound, code: "not-found", detail: missing.what, trace: trace)
        case let gone as Gone:
            self.init("gone", "There is no such thing any more", .gone, code: gone.code, detail: gone.mend, trace: trace)
        case let denied as Denied:
            self.init("denied", "Whoever calls has not shown that they may", .unauthorized, code: denied.code, detail: denied.mend, trace: trace)
        case let forbidden as Forbidden:
            self.init("forbidden", "This account may not do this", .forbidden, code: forbidden.code, detail: forbidden.mend, trace: trace)
        case let rejected as Rejected:
            self.init(rejected.slug, rejected.title, rejected.status, code: rejected.slug, trace: trace)
        case let many as TooMany:
            self.init("too-many-requests", "Too many requests", .tooManyRequests, code: "too-many-requests", detail: "wait \(many.wait) s", trace: trace)
            retryAfter = many.wait
        case is HTTPParserError:
            self.init("malformed", "The body is not framed as HTTP has it", .badRequest, code: "malformed", trace: trace)
        case let http as HTTPError:
            self.init("http", http.status.reasonPhrase, http.status, code: "http-\(http.status.code)", trace: trace)
        case let error as PostgresError where error.isRetryable:
            self.init("unavailable", "The service cannot reach its database", .serviceUnavailable, code: "unavailable", detail: "try again", trace: trace)
        case PostgresError.outcomeUnknown:
            self.init(
                "outcome-unknown", "Whether it was done is unknown", .serviceUnavailable, code: "outcome-unknown",
                detail: "send the same request with the same Idempotency-Key again", trace: trace)
        default:
            self.init("failed", "The service failed", .internalServerError, code: "failed", trace: trace)
        }
    }

    var reply: Reply {
        get throws {
            var reply = Reply(status: .init(code: status), contentType: "application/problem+json", body: try JSON.encode(self))
            addRetry(to: &reply)
            if status == 401 { reply.headers[.wwwAuthenticate] = "Bearer" }
            return reply
        }
    }

    func addRetry(to reply: inout Reply) {
        if let retryAfter { reply.headers[.retryAfter] = "\(retryAfter)" }
    }
}

/// Who calls has not shown that they may do this.
package struct Denied: Error {
    let code: String
    let mend: String

    /// - Parameter mend: What to do about it; no word about why, which would help whoever tries.
    package init(_ code: String, mend: String) { (self.code, self.mend) = (code, mend) }
}

/// A request that is wrong as HTTP.
struct Rejected: Error {
    let slug: String
    let title: String
    let status: HTTPResponse.Status

    static let keyMissing = Rejected(
        slug: "idempotency-key-missing", title: "A POST or PATCH needs the header Idempotency-Key: \"<uuid>\"", status: .badRequest)
    static let keyReused = Rejected(
        slug: "idempotency-key-reused", title: "This Idempotency-Key was used for another request", status: .unprocessableContent)
    static let actorMissing = Rejected(
        slug: "actor-missing", title: "This needs the header Lika-Actor: <account>, since it is kept who did it", status: .badRequest)
    static let actorUnreadable = Rejected(
        slug: "actor-unreadable", title: "Lika-Actor is an account's name: up to 64 letters, digits and . _ @ -", status: .badRequest)
    static let matchMissing = Rejected(
        slug: "if-match-missing", title: "This needs the header If-Match with the ETag of what was read", status: .preconditionRequired)
    static let matchFailed = Rejected(
        slug: "changed-meanwhile", title: "It has changed since it was read: read it again and decide anew", status: .preconditionFailed)
    static let crossSite = Rejected(slug: "cross-site", title: "This form was not sent from a page of this system", status: .forbidden)
    static func tooLarge(_ limit: Int) -> Rejected {
        Rejected(slug: "too-large", title: "The body is larger than \(limit >> 20 > 0 ? "\(limit >> 20) MB" : "\(limit >> 10) kB")", status: .contentTooLarge)
    }
}
