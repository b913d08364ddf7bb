import Foundation
import Registry

/// How often one caller may come: a bucket for each account, and one for each network of callers who have not signed in. Kept in
/// the memory of each instance: it guards the instance, not a right.
package struct HTTPLimits: Sendable {
    /// Of an account; nothing for as often as it likes.
    let account: TokenBucket.Rate?
    /// Of a network of which nobody has signed in.
    let network: TokenBucket.Rate?
    /// The header in which a proxy in front says who the client is; the last address in it counts. Without one it is the other
    /// end of the connection.
    let clientHeader: String?
    /// Where browsers reach this service, `https://host`, if that is another name than requests come with.
    let home: String?
    /// How long a body of an ordinary size may take to come; a large one six times as long.
    var patience = Duration.seconds(30)

    package static let none = HTTPLimits(account: nil, network: nil)

    package init(account: TokenBucket.Rate?, network: TokenBucket.Rate?, clientHeader: String? = nil, home: String? = nil) {
        (self.account, self.network, self.clientHeader, self.home) = (account, network, clientHeader, home)
    }

    /// `LIKA_HTTP_RATE`, `LIKA_HTTP_PUBLIC_RATE` (a minute; 0 for no limit), `LIKA_HTTP_CLIENT_HEADER`, `LIKA_HTTP_URL`,
    /// `LIKA_HTTP_BODY_SECONDS`. In a rehearsal a day lasts a second, so nothing is limited by the clock on the wall.
    init(_ settings: inout Settings, isRehearsal: Bool) {
        account = Self.rate("LIKA_HTTP_RATE", isRehearsal ? 0 : 1200, &settings)
        network = Self.rate("LIKA_HTTP_PUBLIC_RATE", isRehearsal ? 0 : 300, &settings)
        patience = .seconds(max(1, settings.int("LIKA_HTTP_BODY_SECONDS", default: 30)))
        clientHeader = settings.optional("LIKA_HTTP_CLIENT_HEADER")
        home = settings.optional("LIKA_HTTP_URL").map { String($0.hasSuffix("/") ? $0.dropLast() : $0[...]) }
        if let home, !Origin.isPlain(home) { settings.note(Setting.Problem("LIKA_HTTP_URL", "must be https://host or http://host:port, without a path")) }
    }

    private static func rate(_ name: String, _ fallback: Int, _ settings: inout Settings) -> TokenBucket.Rate? {
        let aMinute = settings.int(name, default: fallback)
        if aMinute < 0 { settings.note(Setting.Problem(name, "must be requests a minute, or 0 for no limit")) }
        return aMinute > 0 ? TokenBucket.Rate(capacity: aMinute, secondsPerToken: 60 / Double(aMinute)) : nil
    }
}

/// Too often.
struct TooMany: Error {
    /// Seconds until it would be often enough again.
    let wait: Int
}

actor Throttle {
    let limits: HTTPLimits
    private var buckets: [String: TokenBucket] = [:]
    /// Some megabytes.
    private let most: Int

    init(_ limits: HTTPLimits, most: Int = 20_000) { (self.limits, self.most) = (limits, most) }

    /// How many callers are remembered.
    var count: Int { buckets.count }

    /// - Throws: ``TooMany``.
    func take(_ caller: String, _ rate: TokenBucket.Rate, at now: Instant = .onTheWall) throws(TooMany) {
        let known = buckets[caller]
        if known == nil, buckets.count >= most { forget() }
        let taken = (known ?? TokenBucket(tokens: Double(rate.capacity), filledAt: now)).taking(at: now, rate)
        buckets[caller] = taken.bucket
        if let wait = taken.wait { throw TooMany(wait: wait) }
    }

    /// Keeps those that have used up most of theirs; under a flood from everywhere, nobody.
    private func forget() {
        let spent = buckets.filter { $0.value.tokens < 1 }
        buckets = spent.count < most / 2 ? spent : [:]
    }
}

extension Call {
    /// Nothing is asked of this for the suite's own services, which take as much as they have work.
    func pass(_ throttle: Throttle) async throws {
        let limits = throttle.limits
        if let principal {
            if let rate = limits.account, principal.roles != [.service] { try await throttle.take("account \(principal.account)", rate) }
        } else if let rate = limits.network {
            try await throttle.take("network \(network(limits.clientHeader))", rate)
        }
    }

    private func network(_ clientHeader: String?) -> String {
        let said = clientHeader.flatMap(header)?.split(separator: ",").last?.trimmingCharacters(in: .whitespaces)
        guard let address = said ?? peer else { return "unknown" }
        return NetworkPrefix.of(address) ?? String(address.prefix(64))
    }
}

extension Instant {
    /// Not the plan's time: what is asked too often is asked too often by any clock.
    fileprivate static var onTheWall: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
