import Contracts
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Postgres

/// HTTP in: each route is one synchronous unit of work.
///
///     api.post("/v1/meetings", holdMeeting)      // needs Idempotency-Key; the reply is stored with the effect
///     api.get("/v1/cases/:case", showCase)
///
/// A refusal answers 409 with its code, invalid data 422 with every fault, a missing thing 404, all as RFC 9457.
package final class API {
    package typealias Handler = @Sendable (Call, Work) throws -> Reply

    let router = Router()
    private(set) var routes: [(method: String, path: String)] = []
    private let store: Store
    private let logger: Logger

    private static let largestBody = 10 << 20
    /// How long a request waits for a database that is away or a colliding transaction before it answers 503.
    private static let patience = Duration.seconds(5)

    init(store: Store, logger: Logger) {
        (self.store, self.logger) = (store, logger)
        router.add(middleware: ProblemMiddleware())
    }

    package func get(_ path: String, _ handler: @escaping Handler) { on(.get, path, idempotent: false, handler) }
    package func post(_ path: String, _ handler: @escaping Handler) { on(.post, path, idempotent: true, handler) }
    /// A post of a body too large to be held: it is put down piece by piece as it comes, the last piece together with the effect.
    package func post(_ path: String, spooling spool: Spool, _ handler: @escaping Handler) {
        on(.post, path, idempotent: true, spooling: spool, handler)
    }
    /// A question with a body, for what must not stand in an address. It needs no key, and its answer is kept nowhere.
    package func ask(_ path: String, _ handler: @escaping Handler) { on(.post, path, idempotent: false, handler) }
    /// For writes that say what shall be: repeating them changes nothing.
    package func put(_ path: String, _ handler: @escaping Handler) { on(.put, path, idempotent: false, handler) }

    private func on(_ method: HTTPRequest.Method, _ path: String, idempotent: Bool, spooling spool: Spool? = nil, _ handler: @escaping Handler) {
        routes.append((method.rawValue, path))
        let (store, logger) = (store, logger)
        router.on(RouterPath(path), method: method) { request, context -> Response in
            let began = ContinuousClock.now
            let trace = TraceContext(parent: HTTPField.Name("traceparent").flatMap { request.headers[$0] })
            let reply: Reply
            do {
                let route = "\(method.rawValue) \(request.uri)"
                if let spool {
                    let (call, last) = try await Self.call(request, context, trace, spool, store)
                    reply = try await Self.answer(call, route, idempotent, store) { call, work in
                        try spool.put(last, work)
                        return try handler(call, work)
                    }
                } else {
                    reply = try await Self.answer(Self.call(request, context, trace), route, idempotent, store, handler)
                }
            } catch {
                let problem = Problem(error, trace: trace)
                if problem.status >= 500 {
                    logger.error("request failed", metadata: ["route": "\(path)", "code": "\(Verdict.code(of: error))", "error": "\(Self.described(error))", "trace_id": "\(trace.traceID)"])
                }
                reply = try problem.reply
            }
            Metrics.shared.observe(
                "http_server_request_duration_seconds", (ContinuousClock.now - began) / .seconds(1),
                ["route": path, "method": method.rawValue, "status": "\(reply.status.code)"])
            return Response(status: reply.status, headers: reply.headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
        }
    }

    /// What is known of a failure without quoting data.
    private static func described(_ error: any Error) -> String {
        switch error {
        case let error as PostgresError: "\(error)"
        case let error as UnexpectedValue: "\(error)"
        default: "\(type(of: error))"
        }
    }

    private static func call(_ request: Request, _ context: BasicRequestContext, _ trace: TraceContext) async throws -> Call {
        var request = request
        let buffer: ByteBuffer
        do { buffer = try await request.collectBody(upTo: largestBody) } catch is NIOTooManyBytesError { throw Rejected.tooLarge(largestBody) }
        return call(request, context, trace, bytes: Array(buffer.readableBytesView), upload: nil)
    }

    /// Puts down all of the body but its last piece.
    private static func call(
        _ request: Request, _ context: BasicRequestContext, _ trace: TraceContext, _ spool: Spool, _ store: Store
    ) async throws -> (Call, last: Spool.Piece) {
        var digest = SHA256()
        var (bytes, head, size, number) = ([UInt8](), [UInt8](), 0, 0)
        let id = UUID()
        for try await buffer in request.body {
            size += buffer.readableBytes
            guard size <= spool.limit else { throw Rejected.tooLarge(spool.limit) }
            bytes.append(contentsOf: buffer.readableBytesView)
            while bytes.count > Spool.pieceSize {
                let piece = Spool.Piece(upload: id, number: number, bytes: Array(bytes.prefix(Spool.pieceSize)))
                digest.update(data: piece.bytes)
                if number == 0 { head = Array(bytes.prefix(Upload.headSize)) }
                try await store.work { try spool.put(piece, $0) }
                bytes.removeFirst(Spool.pieceSize)
                number += 1
            }
        }
        digest.update(data: bytes)
        let upload = Upload(id: id, size: size, digest: Digest.text(digest.finalize()), head: number == 0 ? Array(bytes.prefix(Upload.headSize)) : head)
        return (call(request, context, trace, bytes: [], upload: upload), Spool.Piece(upload: id, number: number, bytes: bytes))
    }

    private static func call(_ request: Request, _ context: BasicRequestContext, _ trace: TraceContext, bytes: [UInt8], upload: Upload?) -> Call {
        Call(
            path: Dictionary(context.parameters.map { (String($0.key), String($0.value)) }) { $1 },
            queries: Dictionary(request.uri.queryParameters.map { (String($0.key), String($0.value)) }) { $1 },
            headers: request.headers, bytes: bytes, upload: upload, traceparent: trace.next())
    }

    private static func answer(_ call: Call, _ route: String, _ idempotent: Bool, _ store: Store, _ handler: @escaping Handler) async throws -> Reply {
        let key = idempotent ? try IdempotencyKey(call, route) : nil
        let giveUp = ContinuousClock.now + patience
        var pause = Backoff(first: .milliseconds(10), longest: .milliseconds(500))
        var collisions = 0
        while true {
            do {
                let reply = try await store.work(traceparent: call.traceparent) { work in
                    guard let key else { return try handler(call, work) }
                    if let stored = try key.storedReply(in: work) { return stored }
                    let reply = try handler(call, work)
                    try key.store(reply, in: work)
                    return reply
                }
                Failpoint.intakeAfterCommitBeforeReply.hit()
                return reply
            } catch where ContinuousClock.now < giveUp {
                // An unknown outcome is looked up by the key; a PUT says what shall be and may be repeated.
                if isCollision(error), collisions < 3 {
                    collisions += 1
                } else if Verdict(error) != .again {
                    throw error
                }
                try await pause.wait()
            }
        }
    }

    /// Another transaction made the same thing at the same moment: the next look finds it there, and the domain answers.
    private static func isCollision(_ error: any Error) -> Bool {
        error is Conflict || (error as? PostgresError)?.sqlState == PostgresError.uniqueViolation
    }
}

/// The reply to a request is stored in the request's own transaction; the same key gets the same reply.
private struct IdempotencyKey: Sendable {
    private let key: String
    private let request: String

    init(_ call: Call, _ route: String) throws {
        guard let header = call.header("Idempotency-Key")?.trimmingCharacters(in: CharacterSet(charactersIn: "\" ")), !header.isEmpty,
            header.utf8.count <= 100
        else { throw Rejected.keyMissing }
        key = header
        request = "\(route) \(call.upload?.digest ?? Digest.sha256(call.bytes))"
    }

    /// Waits for the same request if it runs in another transaction: its reply will be there.
    func storedReply(in work: Work) throws -> Reply? {
        try work.sql.execute("SELECT pg_advisory_xact_lock(hashtextextended(\("lika.reply." + key), 0))")
        guard let row = try work.sql.first("SELECT request, status, content_type, body FROM replies WHERE key = \(key)") else { return nil }
        guard try row["request"] == request else { throw Rejected.keyReused }
        return Reply(status: .init(code: try row["status"]), contentType: try row["content_type"], body: try row["body", as: Bytes.self].array)
    }

    func store(_ reply: Reply, in work: Work) throws {
        try work.sql.execute(
            """
            INSERT INTO replies (key, request, status, content_type, body)
            VALUES (\(key), \(request), \(reply.status.code), \(reply.headers[.contentType] ?? ""), \(Bytes(reply.body)))
            """)
    }
}

/// Problems that the router itself raises, such as an unknown path.
private struct ProblemMiddleware: RouterMiddleware {
    @concurrent func handle(
        _ request: Request, context: BasicRequestContext, next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch let error as HTTPError {
            let reply = try Problem(error, trace: TraceContext(parent: nil)).reply
            return Response(status: reply.status, headers: reply.headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
        }
    }
}
