import CPostgres
import Foundation

/// One libpq connection, always in pipeline mode: statements are sent ahead and answered at the next synchronisation.
///
/// Not `Sendable`: it lives inside one ``Session`` and blocks that session's thread. The only holder of the C pointer.
final class Connection {
    private let pointer: OpaquePointer
    /// Names of prepared statements by text; the server keeps them as long as the connection.
    private var prepared: [String: String] = [:]
    private var preparedCount = 0
    /// What was sent and not answered yet, oldest first.
    private var outstanding: [Sent] = []
    /// Set when answers no longer fit what was sent; such a connection is of no more use than a broken one.
    private var isOutOfStep = false

    private enum Sent {
        case preparation(of: String)
        case statement(Pending?)
    }

    /// An answer to come.
    final class Pending {
        fileprivate(set) var answer: Answer?
    }

    /// How many statements may wait before they are settled, so that neither side's buffers fill.
    private static let window = 128
    /// A statement of this many bytes is sent at once instead of with the next ones: the server works on it meanwhile.
    private static let large = 16_384

    init(_ settings: PostgresSettings) throws {
        let parameters = settings.parameters
        let opened = Self.withCStrings(parameters.map(\.0)) { keys in
            Self.withCStrings(parameters.map(\.1)) { values in PQconnectdbParams(keys, values, 1) }
        }
        guard let opened else { throw PostgresError.unavailable("out of memory") }
        // From here on `deinit` frees it, also when this throws.
        pointer = opened
        guard PQstatus(pointer) == CONNECTION_OK else { throw PostgresError.unavailable(message) }
        // libpq would print them on standard error, where they may quote data and are no JSON.
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
        PQenterPipelineMode(pointer)
    }

    deinit { PQfinish(pointer) }

    var isBroken: Bool { isOutOfStep || PQstatus(pointer) != CONNECTION_OK }
    /// Whether the server spoke unasked. On an idle connection that is its farewell: it restarts, or ended the session.
    var hasUnaskedInput: Bool {
        var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }
    var isInTransaction: Bool { PQtransactionStatus(pointer) != PQTRANS_IDLE }
    /// Why libpq would not take something: the connection broke, or what was asked is beyond the protocol.
    private var refusal: PostgresError {
        isBroken ? .unavailable(message) : .refused(sqlState: "08P01", constraint: nil, message: message)
    }
    private var message: String { String(cString: PQerrorMessage(pointer)).trimmingCharacters(in: .whitespacesAndNewlines) }

    /// Sends a statement without waiting. Its failure shows at the next `settle`.
    @discardableResult
    func send(_ sql: SQL, wantsAnswer: Bool) throws -> Pending? {
        if outstanding.count >= Self.window { try settle() }
        let name = try prepare(sql)
        let pending = wantsAnswer ? Pending() : nil
        let sent = sql.values.withUnsafeBufferPointer { values in
            var pointers: [UnsafePointer<CChar>?] = []
            var lengths: [Int32] = []
            pointers.reserveCapacity(sql.fields.count)
            lengths.reserveCapacity(sql.fields.count)
            for field in sql.fields {
                pointers.append(field.length < 0 ? nil : Self.address(values, field.start))
                lengths.append(Int32(max(0, field.length)))
            }
            let binary = [Int32](repeating: 1, count: sql.fields.count)
            return PQsendQueryPrepared(pointer, name, Int32(pointers.count), pointers, lengths, binary, 1)
        }
        guard sent == 1 else { throw refusal }
        outstanding.append(.statement(pending))
        if sql.values.count >= Self.large, PQflush(pointer) < 0 { throw refusal }
        return pending
    }

    /// A value's address; an empty value at the end of the buffer still needs one that is not null.
    private static func address(_ values: UnsafeBufferPointer<UInt8>, _ start: Int) -> UnsafePointer<CChar>? {
        guard let base = values.baseAddress else { return empty }
        return UnsafeRawPointer(base + start).assumingMemoryBound(to: CChar.self)
    }

    private nonisolated(unsafe) static let empty = UnsafePointer<CChar>(UnsafeMutablePointer<CChar>.allocate(capacity: 1))

    private func prepare(_ sql: SQL) throws -> String {
        if let name = prepared[sql.text] { return name }
        preparedCount += 1
        let name = "s\(preparedCount)"
        guard PQsendPrepare(pointer, name, sql.text, Int32(sql.types.count), sql.types) == 1 else { throw refusal }
        prepared[sql.text] = name
        outstanding.append(.preparation(of: sql.text))
        return name
    }

    /// Waits until everything sent is answered; throws the first failure among it.
    func settle() throws {
        if outstanding.isEmpty { return }
        guard PQpipelineSync(pointer) == 1 else { throw PostgresError.unavailable(message) }
        var failure: PostgresError?
        for sent in outstanding {
            let answer = try next()
            switch sent {
            case .preparation(let text):
                if answer.status != PGRES_COMMAND_OK { prepared[text] = nil }
            case .statement(let pending):
                pending?.answer = answer
            }
            if answer.status == PGRES_FATAL_ERROR, failure == nil { failure = answer.error }
            try endOfAnswer()
        }
        outstanding.removeAll(keepingCapacity: true)
        let synced = try next()
        guard synced.status == PGRES_PIPELINE_SYNC else { throw outOfStep() }
        if let failure { throw failure }
    }

    private func next() throws -> Answer {
        guard let result = PQgetResult(pointer) else { throw outOfStep() }
        let answer = Answer(result)
        if isBroken { throw PostgresError.unavailable(message) }
        return answer
    }

    private func endOfAnswer() throws {
        guard PQgetResult(pointer) == nil else { throw outOfStep() }
    }

    private func outOfStep() -> PostgresError {
        let reason = isBroken ? message : "answers out of step"
        isOutOfStep = true
        return .unavailable(reason)
    }

    /// Runs a script of several statements, e.g. a migration.
    func run(script: String) throws {
        try outsidePipeline {
            guard let result = PQexec(pointer, script) else { throw PostgresError.unavailable(message) }
            let answer = Answer(result)
            if answer.status == PGRES_FATAL_ERROR { throw isBroken ? PostgresError.unavailable(message) : answer.error }
        }
    }

    /// Streams rows in COPY's binary format; `chunk` is asked for bytes until it gives none.
    func copy(_ statement: String, chunk: () throws -> [UInt8]?) throws -> Int {
        try outsidePipeline {
            guard let started = PQexec(pointer, statement) else { throw PostgresError.unavailable(message) }
            let start = Answer(started)
            guard start.status == PGRES_COPY_IN else { throw start.error }
            var refusal: (any Error)?
            do {
                while let bytes = try chunk() {
                    let put = bytes.withUnsafeBytes { PQputCopyData(pointer, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count)) }
                    guard put == 1 else { throw PostgresError.unavailable(message) }
                }
            } catch { refusal = error }
            guard PQputCopyEnd(pointer, refusal == nil ? nil : "refused by the sender") == 1 else { throw PostgresError.unavailable(message) }
            let end = try next()
            while let rest = PQgetResult(pointer) { PQclear(rest) }
            if let refusal { throw refusal }
            if end.status == PGRES_FATAL_ERROR { throw end.error }
            return end.changed
        }
    }

    private func outsidePipeline<T>(_ body: () throws -> T) throws -> T {
        try settle()
        guard PQexitPipelineMode(pointer) == 1 else { throw outOfStep() }
        defer { PQenterPipelineMode(pointer) }
        return try body()
    }

    /// Waits for notifications of LISTEN; the channels heard, or none when the time is over.
    func notifications(within timeout: Duration) throws -> [String] {
        var heard: [String] = []
        func take() throws {
            guard PQconsumeInput(pointer) == 1 else { throw PostgresError.unavailable(message) }
            while let notification = PQnotifies(pointer) {
                heard.append(String(cString: notification.pointee.relname))
                PQfreemem(notification)
            }
        }
        try take()
        if heard.isEmpty {
            var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, Int32((timeout / .milliseconds(1)).rounded(.up)))
            try take()
        }
        return heard
    }

    private static func withCStrings<T>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> T) -> T {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies.map { UnsafePointer($0) } + [nil])
    }
}
