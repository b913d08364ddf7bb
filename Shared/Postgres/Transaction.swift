/// One transaction on one connection. It runs on the connection's own thread, so it may block and cannot `await`: no
/// network call fits into it. Statements without an answer are sent ahead and settled at the next answer or at COMMIT.
package final class Transaction {
    private let connection: Connection
    /// Set once COMMIT went out: from then on a broken connection means that the outcome is unknown.
    private var isCommitting = false

    private init(_ connection: Connection) { self.connection = connection }

    static func run<T>(on connection: Connection, _ body: (Transaction) throws -> T) throws -> T {
        let transaction = Transaction(connection)
        do {
            try connection.send("BEGIN", wantsAnswer: false)
            let value = try body(transaction)
            try transaction.commit()
            return value
        } catch {
            if connection.isBroken { throw transaction.isCommitting ? PostgresError.outcomeUnknown : lost(error) }
            transaction.rollBack()
            throw error
        }
    }

    private static func lost(_ error: any Error) -> PostgresError {
        if let error = error as? PostgresError, case .unavailable = error { error } else { .unavailable("connection lost") }
    }

    private func commit() throws {
        try connection.settle()
        isCommitting = true
        let pending = try connection.send("COMMIT", wantsAnswer: true)
        try connection.settle()
        // COMMIT of a failed transaction answers ROLLBACK and raises no error.
        guard pending?.answer?.command == "COMMIT" else {
            throw PostgresError.refused(sqlState: "25P02", constraint: nil, message: "the transaction had failed")
        }
    }

    /// A rollback that cannot be carried out leaves a broken connection, which the session then drops.
    private func rollBack() {
        do {
            // What was sent ahead and failed has been told already.
            do { try connection.settle() } catch where !connection.isBroken {}
            guard connection.isInTransaction else { return }
            try connection.send("ROLLBACK", wantsAnswer: false)
            try connection.settle()
        } catch {}
    }

    // MARK: Statements

    /// Rows of a statement; waits for it and all sent before it.
    package func query(_ sql: SQL) throws -> [Row] { try answer(sql).rows }

    package func first(_ sql: SQL) throws -> Row? { try answer(sql).rows.first }

    /// How many rows a statement inserted, updated or deleted.
    package func change(_ sql: SQL) throws -> Int { try answer(sql).changed }

    /// Sends a statement whose answer nobody needs. If it fails, the next answer or the commit throws.
    package func execute(_ sql: SQL) throws { try connection.send(sql, wantsAnswer: false) }

    /// Sends a statement whose rows are wanted later, together with others in one round trip.
    package func later(_ sql: SQL) throws -> Later { Later(try connection.send(sql, wantsAnswer: true), self) }

    /// Several statements in one text, e.g. of a migration.
    package func run(script: String) throws { try connection.run(script: script) }

    /// Rows into a table by binary COPY, the fastest way in. Returns how many.
    package func copy<Rows: Sequence>(into table: String, _ rows: Rows, fields: (Rows.Element, inout CopyRow) -> Void) throws -> Int {
        var iterator = rows.makeIterator()
        var chunk = CopyRow.header
        var isComplete = false
        return try connection.copy("COPY \(table) FROM STDIN (FORMAT binary)") {
            if isComplete { return nil }
            defer { chunk = CopyRow() }
            while chunk.bytes.count < 1 << 16 {
                guard let next = iterator.next() else {
                    chunk.bytes.append(bigEndian: Int16(-1))
                    isComplete = true
                    break
                }
                chunk.begin()
                fields(next, &chunk)
                chunk.end()
            }
            return chunk.bytes
        }
    }

    fileprivate func settle() throws { try connection.settle() }

    private func answer(_ sql: SQL) throws -> Answer {
        let pending = try connection.send(sql, wantsAnswer: true)
        try connection.settle()
        guard let answer = pending?.answer else { throw PostgresError.unavailable("an answer is missing") }
        return answer
    }

    /// Rows to come; asking for them settles everything sent so far.
    package struct Later {
        private let pending: Connection.Pending?
        private let transaction: Transaction

        fileprivate init(_ pending: Connection.Pending?, _ transaction: Transaction) {
            (self.pending, self.transaction) = (pending, transaction)
        }

        package var rows: [Row] {
            get throws {
                if pending?.answer == nil { try transaction.settle() }
                return pending?.answer?.rows ?? []
            }
        }
    }
}

/// One row on its way into a table; fields in the order of the COPY's columns, in exactly the columns' types.
package struct CopyRow {
    fileprivate(set) var bytes: [UInt8] = []
    private var start = 0
    private var count: Int16 = 0

    /// What every binary COPY starts with: signature, flags, length of the extension.
    fileprivate static var header: CopyRow {
        CopyRow(bytes: [UInt8]("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8))
    }

    fileprivate init(bytes: [UInt8] = []) { self.bytes = bytes }

    fileprivate mutating func begin() {
        start = bytes.count
        count = 0
        bytes.append(bigEndian: Int16(0))
    }

    fileprivate mutating func end() {
        let head = UInt16(bitPattern: count)
        bytes[start] = UInt8(head >> 8)
        bytes[start + 1] = UInt8(head & 0xFF)
    }

    package mutating func add(_ value: (some SQLValue)?) {
        count += 1
        if let value { bytes.append(field: value) } else { bytes.append(bigEndian: Int32(-1)) }
    }
}
