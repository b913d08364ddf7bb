import Contracts
import Foundation
import HTTPTypes
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// Keeps a flood away from the public's form: a bucket for each network and one for all, in the database, so that they hold
/// for every instance together. Whoever is turned away keeps what they wrote and is told whom to ring: no tip may be lost.
struct TipGate: Sendable {
    let vault: Vault
    /// Nil where nobody in front says who the client is: then only the bucket for all counts.
    let clientHeader: String?

    enum Door: String {
        /// Leaving a tip.
        case tip
        /// Asking by a receipt code.
        case receipt

        fileprivate var client: TokenBucket.Rate {
            switch self {
            case .tip: TokenBucket.Rate(capacity: 10, secondsPerToken: 60)
            case .receipt: TokenBucket.Rate(capacity: 20, secondsPerToken: 30)
            }
        }

        /// More than a subdistrict ever wrote in an hour.
        fileprivate var all: TokenBucket.Rate {
            switch self {
            case .tip: TokenBucket.Rate(capacity: 200, secondsPerToken: 6)
            case .receipt: TokenBucket.Rate(capacity: 400, secondsPerToken: 3)
            }
        }
    }

    /// Nil if the caller may pass; otherwise how many seconds to wait. A client that is over its own limit takes nothing from
    /// the others.
    func wait(at door: Door, _ call: Call, _ work: Work) throws -> Int? {
        if let client = try client(call, work), let wait = try take("\(door.rawValue) \(client)", door.client, work) { return wait }
        return try take("\(door.rawValue) all", door.all, work)
    }

    /// The hash of the client's network under this day's label: tomorrow nobody can tell that it is the same. A proxy adds to
    /// the end of such a header; what stands before may be a client's own invention.
    private func client(_ call: Call, _ work: Work) throws -> String? {
        guard let said = clientHeader.flatMap(call.header)?.split(separator: ",").last else { return nil }
        let address = said.trimmingCharacters(in: .whitespaces)
        return vault.hash(.client, "\(try work.today) \(NetworkPrefix.of(address) ?? address)")
    }

    private func take(_ bucket: String, _ rate: TokenBucket.Rate, _ work: Work) throws -> Int? {
        let now = try work.now
        // Takes the row's lock, making the row full if there is none.
        let row = try work.first(
            """
            INSERT INTO tip_buckets (bucket, tokens, filled_at) VALUES (\(bucket), \(Double(rate.capacity)), \(now))
            ON CONFLICT (bucket) DO UPDATE SET bucket = excluded.bucket RETURNING tokens, filled_at
            """)
        guard let row else { throw UnexpectedValue(column: "tokens", expected: "a row") }
        let taken = TokenBucket(tokens: try row["tokens"], filledAt: try row["filled_at"]).taking(at: now, rate)
        try work.execute("UPDATE tip_buckets SET tokens = \(taken.bucket.tokens), filled_at = \(taken.bucket.filledAt) WHERE bucket = \(bucket)")
        if taken.wait == nil { try forget(before: now + -86_400, work) }
        return taken.wait
    }

    /// Networks of earlier days.
    private func forget(before moment: Instant, _ work: Work) throws {
        try work.execute(
            """
            DELETE FROM tip_buckets WHERE bucket IN (
                SELECT bucket FROM tip_buckets WHERE filled_at < \(moment) LIMIT 100 FOR UPDATE SKIP LOCKED)
            """)
    }
}

extension Reply {
    /// Too many requests (RFC 6585): when to come again.
    func later(_ seconds: Int) -> Reply {
        var reply = with(.retryAfter, "\(seconds)")
        reply.status = .tooManyRequests
        return reply
    }

    /// The same for a program.
    static func tooMany(wait seconds: Int) throws -> Reply {
        struct Problem: Encodable {
            let type = "/problems/too-many-requests"
            let title = "Too many requests"
            let status = 429
            let code = "too-many-requests"
        }
        return Reply(status: .ok, contentType: "application/problem+json", body: try JSON.encode(Problem())).later(seconds)
    }
}
