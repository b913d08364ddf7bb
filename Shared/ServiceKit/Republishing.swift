import Postgres
import Registry

/// What an operator may do to a service's outbox from outside.
package enum Republishing {
    /// Marks what was told on these topics as not sent; the service's relays send it again. Returns how many transactions.
    package static func markUnsent(topics: [String], since: Instant?, in sql: Transaction) throws -> Int {
        try Outbox.republish(topics: topics, since: since, in: sql)
    }
}
