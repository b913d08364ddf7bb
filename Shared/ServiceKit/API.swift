import Contracts
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

    let router = Router(context: PeerContext.self)
    private(set) var routes: [(method: String, path: String)] = []
    /// By route, the field of what is sent that tells its act.
    private(set) var actFields: [String: String] = [:]
    private let store: Store
    private let access: Access
    private let permissions: Permissions
    private let places: Places
    private let throttle: Throttle
    private var takingTwo: [String: Countersigning.Command] = [:]
    private let logger: Logger
    /// Those of the service, for the pages that all services have.
    private(set) var pages: Pages?

    /// How long a request waits for a database that is away or a colliding transaction before it answers 503.
    private static let patience = Duration.seconds(5)

    /// With the routes of a service, each of which must have its permission.
    init(_ parts: Parts, store: Store, access: Access, limits: HTTPLimits = .none, logger: Logger) {
        (self.store, self.access, self.logger) = (store, access, logger)
        (permissions, places) = (parts.permissions, parts.places)
        throttle = Throttle(limits)
        router.add(middleware: HeaderMiddleware())
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: RequestCheck())
        asset(Style.path, Style.bytes, contentType: "text/css; charset=utf-8")
        parts.routes(self)
        if !takingTwo.isEmpty { Countersigning(commands: takingTwo, permissions: permissions, places: places).add(to: self) }
        permissions.check(routes)
        if let pages { offerSignIn(pages) }
    }

    package func get(_ path: String, acting: Acting? = nil, _ handler: @escaping Handler) {
        on(.get, path, .program(idempotent: false), acting: acting, handler)
    }
    /// - Parameters:
    ///   - limit: Of the body's bytes.
    ///   - acting: Where the permission table has a line for each of several acts.
    package func post(_ path: String, upTo limit: Int = Bodies.json, acting: Acting? = nil, _ handler: @escaping Handler) {
        on(.post, path, .program(idempotent: true), upTo: limit, acting: acting, handler)
    }
    /// A post of a body too large to be held: it is put down piece by piece as it comes, the last piece together with the effect.
    package func post(_ path: String, spooling spool: Spool, _ handler: @escaping Handler) {
        on(.post, path, .program(idempotent: true), spooling: spool, handler)
    }
    /// A command that takes two people: this only asks for it.
    ///
    /// - Parameters:
    ///   - words: What the second person reads.
    ///   - page: Of what it is asked of, such as `/windows/:window`.
    ///   - check: Throws what the first person must know already.
    package func postByTwo(
        _ path: String, named words: Pages.Words, seenAt page: String? = nil, checking check: @escaping @Sendable (Call, Work) throws -> Void,
        _ handler: @escaping Handler
    ) {
        let route = "POST \(path)"
        takingTwo[route] = Countersigning.Command(words: words, page: page, handler: handler)
        post(path) { call, work in
            try check(call, work)
            return try Countersigning.propose(route, call, work)
        }
    }
    /// A question with a body, for what must not stand in an address. It needs no key, and its answer is kept nowhere.
    package func ask(_ path: String, _ handler: @escaping Handler) { on(.post, path, .program(idempotent: false), handler) }
    /// A change of a part of something. It needs a key as a POST does, since done twice it would meet its own new version.
    package func patch(_ path: String, _ handler: @escaping Handler) { on(.patch, path, .program(idempotent: true), handler) }
    /// For writes that say what shall be: repeating them changes nothing.
    package func put(_ path: String, _ handler: @escaping Handler) { on(.put, path, .program(idempotent: false), handler) }

    /// A page to look at; what goes wrong is told as a page as well.
    package func page(_ path: String, of pages: Pages, _ handler: @escaping Handler) { on(.get, path, .person(pages, .looks), handler) }
    /// A page's question, for what must not stand in an address.
    package func search(_ path: String, of pages: Pages, _ handler: @escaping Handler) { on(.post, path, .person(pages, .asks), handler) }
    /// What a page's form commands. Its hidden field `key` is what `Idempotency-Key` is for a program: sent twice, done once.
    package func form(_ path: String, of pages: Pages, upTo limit: Int = Bodies.form, acting: Acting? = nil, _ handler: @escaping Handler) {
        on(.post, path, .person(pages, .commands), upTo: limit, acting: acting, handler)
    }

    /// A file that never changes under its address.
    package func asset(_ path: String, _ bytes: [UInt8], contentType: String) {
        router.get(RouterPath(path)) { _, _ in
            Response(
                status: .ok, headers: [.contentType: contentType, .cacheControl: "public, max-age=31536000, immutable"],
                body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }

    /// Who is at the other end, and what for.
    private enum Client: Sendable {
        case program(idempotent: Bool)
        case person(Pages, Purpose)

        enum Purpose { case looks, asks, commands }

        /// The problem in the client's form. A person who has not signed in comes to where one does.
        func reply(_ problem: Problem, _ call: Call, leadsToSignIn: Bool) throws -> Reply {
            switch self {
            case .program: try problem.reply
            case .person(_, .looks) where problem.status == 401 && leadsToSignIn: SignIn.leading(to: call)
            case .person(let pages, _): try pages.trouble(problem, for: call)
            }
        }

        /// What makes a command the same when it is sent again; none for what changes nothing.
        func key(_ call: Call, _ route: String) throws -> IdempotencyKey? {
            switch self {
            case .program(idempotent: true): return try IdempotencyKey(call.header("Idempotency-Key"), route, call.upload?.digest ?? Digest.sha256(call.bytes))
            case .program(idempotent: false), .person(_, .looks): return nil
            case .person(_, .asks):
                try call.refuseOtherSites()
                try call.refuseOtherSessions()
                return nil
            case .person(_, .commands):
                try call.refuseOtherSites()
                try call.refuseOtherSessions()
                let form = try call.form()
                return try IdempotencyKey(form.text("key"), route, form.digest)
            }
        }

        /// Whether it changes something, or may.
        func commands(_ method: HTTPRequest.Method) -> Bool {
            switch self {
            case .program(let idempotent): idempotent || method == .put
            case .person(_, let purpose): purpose == .commands
            }
        }

        var sendsForm: Bool {
            switch self {
            case .program, .person(_, .looks): false
            case .person(_, .asks), .person(_, .commands): true
            }
        }

        var isProgram: Bool { if case .program = self { true } else { false } }
    }

    private func on(
        _ method: HTTPRequest.Method, _ path: String, _ client: Client, spooling spool: Spool? = nil, upTo given: Int? = nil, acting: Acting? = nil,
        _ handler: @escaping Handler
    ) {
        routes.append((method.rawValue, path))
        let (route, limit) = ("\(method.rawValue) \(path)", given ?? (client.sendsForm ? Bodies.form : Bodies.json))
        let audience = permissions.audience(method, path)
        // Those of its staff, if it has any.
        if case .person(let pages, _) = client, self.pages == nil || audience != .everybody { self.pages = pages }
        precondition((permissions.acts[route] == nil) == (acting == nil), "\(route) has acts in one place and none in the other")
        actFields[route] = acting?.field
        let (store, access, permissions, places, logger) = (store, access, permissions, places, logger)
        let patience = throttle.limits.patience
        let entrance = Entrance(access: access, permissions: permissions, throttle: throttle)
        router.on(RouterPath(path), method: method) { request, context -> Response in
            let began = ContinuousClock.now
            let trace = TraceContext(parent: HTTPField.Name("traceparent").flatMap { request.headers[$0] })
            var call = Call(request, context, trace)
            let reply: Reply
            do {
                try await entrance.admit(&call, to: audience, isCommand: client.isProgram && method != .get)
                var effect = handler
                if client.commands(method) {
                    effect = { call, work in
                        let reply = try handler(call, work)
                        work.note(AuditEntry(actor: work.deed.actor.description, action: route, object: call.address, purpose: "", outcome: .done))
                        return reply
                    }
                }
                if let spool {
                    let own = effect
                    let last = try await Self.putDown(request, &call, spool, store)
                    effect = { call, work in
                        try spool.put(last, work)
                        return try own(call, work)
                    }
                } else {
                    call.bytes = try await Bodies.read(request, upTo: limit, within: patience)
                    if client.sendsForm { call.sent = try Form(call.bytes, contentType: call.header("Content-Type") ?? "") }
                }
                let deed = Deed(call.actor ?? .unnamed, reason: route)
                let key = try client.key(call, "\(method.rawValue) \(request.uri)")
                reply = try await Self.answer(call, deed, key, store, effect) { call, work in
                    try places.admit(call, in: work)
                    if let acting, call.mustSignIn { try permissions.admit(try acting.act(call, work), at: route, call.principal) }
                    try work.stay(within: call.reach)
                }
            } catch {
                let problem = Problem(error, trace: trace)
                if error is Forbidden { await Self.note(call, route, store, logger) }
                if problem.status >= 500 {
                    logger.error("request failed", metadata: ["route": "\(path)", "code": "\(Verdict.code(of: error))", "error": "\(Self.described(error))", "trace_id": "\(trace.traceID)"])
                }
                reply = try client.reply(problem, call, leadsToSignIn: access.hasSignInPage)
            }
            Metrics.shared.observe(
                "http_server_request_duration_seconds", (ContinuousClock.now - began) / .seconds(1),
                ["route": path, "method": method.rawValue, "status": "\(reply.status.code)"])
            return Response(status: reply.status, headers: reply.headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
        }
    }

    /// Whoever is known and may not is written down, before they hear it.
    private static func note(_ call: Call, _ action: String, _ store: Store, _ logger: Logger) async {
        do {
            try await store.work { $0.note(AuditEntry(actor: call.principal?.account ?? "", action: action, object: call.address, purpose: "", outcome: .refused)) }
        } catch { logger.error("a refused access could not be noted", metadata: ["action": "\(action)", "code": "\(Verdict.code(of: error))"]) }
    }

    /// Where people sign in and out; nothing of it touches the database.
    private func offerSignIn(_ pages: Pages) {
        let (throttle, logger) = (throttle, logger)
        func on(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping @Sendable (Call) async throws -> Reply) {
            router.on(RouterPath(path), method: method) { request, context -> Response in
                let trace = TraceContext(parent: nil)
                var call = Call(request, context, trace)
                let reply: Reply
                do {
                    call.home = throttle.limits.home
                    try await call.pass(throttle)
                    call.bytes = try await Bodies.read(request, upTo: Bodies.form, within: throttle.limits.patience)
                    if method == .post { call.sent = try Form(call.bytes, contentType: call.header("Content-Type") ?? "") }
                    reply = try await handler(call)
                } catch {
                    let problem = Problem(error, trace: trace)
                    if problem.status >= 500 {
                        logger.error("sign-in failed", metadata: ["route": "\(path)", "code": "\(problem.code)", "error": "\(Self.described(error))", "trace_id": "\(trace.traceID)"])
                    }
                    reply = try pages.trouble(problem, for: call)
                }
                return Response(status: reply.status, headers: reply.headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
            }
        }
        switch access {
        case .trusted, .embedded(_, signInPage: false): break
        case .embedded(let tokens, signInPage: true):
            let signIn = SignIn(tokens: tokens, pages: pages)
            on(.get, SignIn.path) { try signIn.show($0) }
            on(.post, SignIn.path) { try await signIn.enter($0) }
            on(.post, SignIn.outPath) { try signIn.leave($0) }
        case .oidc(let openID):
            let signIn = OpenIDSignIn(openID: openID, pages: pages)
            on(.get, SignIn.path) { try await signIn.begin($0) }
            on(.get, OpenIDSignIn.backPath) { try await signIn.end($0) }
            on(.post, SignIn.outPath) { try await signIn.leave($0) }
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

    /// Puts down all of the body but its last piece, which it gives.
    private static func putDown(_ request: Request, _ call: inout Call, _ spool: Spool, _ store: Store) async throws -> Spool.Piece {
        var pieces = Spool.Cutter(limit: spool.limit)
        let giveUp = ContinuousClock.now + Bodies.patienceForSpooled
        for try await buffer in request.body {
            if ContinuousClock.now > giveUp { throw Rejected.tooSlow }
            for piece in try pieces.cut(buffer.readableBytesView) { try await store.work { try spool.put(piece, $0) } }
        }
        let (last, upload) = pieces.finish()
        call.upload = upload
        return last
    }

    /// - Parameter admit: Asked first in the same transaction, also where the reply is known already.
    private static func answer(
        _ call: Call, _ deed: Deed, _ key: IdempotencyKey?, _ store: Store, _ handler: @escaping Handler, admit: @escaping @Sendable (Call, Work) throws -> Void
    ) async throws -> Reply {
        let giveUp = ContinuousClock.now + patience
        var pause = Backoff(first: .milliseconds(10), longest: .milliseconds(500))
        var collisions = 0
        while true {
            do {
                let reply = try await store.work(traceparent: call.traceparent, deed: deed) { work in
                    try admit(call, work)
                    guard let key else { return try handler(call, work) }
                    if let stored = try key.storedReply(in: work) { return stored }
                    let reply = try handler(call, work)
                    try key.store(reply, in: work)
                    return reply
                }
                Failpoint.intakeAfterCommitBeforeReply.hit()
                return reply
            } catch let error as PostgresError where call.reach != .everywhere && error.sqlState == PostgresError.insufficientPrivilege {
                throw Forbidden.elsewhere
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

    /// - Parameter digest: Of what the request says.
    init(_ given: String?, _ route: String, _ digest: String) throws {
        guard let key = given?.trimmingCharacters(in: CharacterSet(charactersIn: "\" ")), !key.isEmpty, key.utf8.count <= 100
        else { throw Rejected.keyMissing }
        self.key = key
        request = "\(route) \(digest)"
    }

    /// Waits for the same request if it runs in another transaction: its reply will be there.
    func storedReply(in work: Work) throws -> Reply? {
        try work.sql.execute("SELECT pg_advisory_xact_lock(hashtextextended(\("lika.reply." + key), 0))")
        guard let row = try work.sql.first("SELECT request, status, content_type, location, body FROM replies WHERE key = \(key)") else { return nil }
        guard try row["request"] == request else { throw Rejected.keyReused }
        var reply = Reply(status: .init(code: try row["status"]), contentType: try row["content_type"], body: try row["body", as: Bytes.self].array)
        reply.headers[.location] = try row["location"]
        return reply
    }

    func store(_ reply: Reply, in work: Work) throws {
        try work.sql.execute(
            """
            INSERT INTO replies (key, request, status, content_type, location, body)
            VALUES (\(key), \(request), \(reply.status.code), \(reply.headers[.contentType] ?? ""), \(reply.headers[.location]), \(Bytes(reply.body)))
            """)
    }
}

/// Problems that the router itself raises, such as an unknown path.
private struct ProblemMiddleware: RouterMiddleware {
    @concurrent func handle(
        _ request: Request, context: PeerContext, next: @concurrent (Request, PeerContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch let error as HTTPError {
            let reply = try Problem(error, trace: TraceContext(parent: nil)).reply
            return Response(status: reply.status, headers: reply.headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
        }
    }
}
