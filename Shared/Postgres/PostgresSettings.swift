/// How to reach the database and how its sessions behave.
package struct PostgresSettings: Sendable {
    /// A libpq connection string or URI; may hold a password, so it is never printed.
    package let conninfo: String
    /// Connections of the pool.
    package let connections: Int
    /// Server settings of every session, e.g. `search_path` or `lika.rehearsal`.
    package let session: [String: String]
    package let application: String

    package init(_ conninfo: String, connections: Int = 4, session: [String: String] = [:], application: String = "lika") {
        (self.conninfo, self.connections, self.application) = (conninfo, connections, application)
        self.session = Self.defaults.merging(session) { $1 }
    }

    private static let defaults = [
        "TimeZone": "UTC",
        "client_min_messages": "warning",
        // Plans cached while a table was empty would be kept when it is full.
        "plan_cache_mode": "force_custom_plan",
        // What is worked on lies in memory. At the price of a disk's arm the planner reads a whole table rather than look five
        // hundred keys up in its index.
        "random_page_cost": "1.1",
        // Compiling a statement takes longer than any of ours runs; a join with an array looks dear to the planner.
        "jit": "off",
        "statement_timeout": "30s",
        // A process that was stopped inside a transaction loses its row locks: they are leases.
        "idle_in_transaction_session_timeout": "15s",
    ]

    /// Keywords and values of `PQconnectdbParams`; later ones win.
    var parameters: [(String, String)] {
        [
            ("connect_timeout", "5"), ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"), ("dbname", conninfo), ("client_encoding", "UTF8"), ("application_name", application),
            ("options", session.sorted { $0.key < $1.key }.map { "-c \($0)=\(Self.escape($1))" }.joined(separator: " ")),
        ]
    }

    private static func escape(_ value: String) -> String {
        String(value.flatMap { $0 == " " || $0 == "\\" ? ["\\", $0] : [$0] })
    }
}
