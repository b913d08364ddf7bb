import AsyncHTTPClient
import Contracts
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// The provider over HTTP: what it says of itself, and by which keys it signs. Both are kept, since it may be away, and looked up again
/// in measured steps, since whoever sends a token with an invented key must not make us ask for it each time.
actor OpenIDProvider {
    /// What it says of itself (OpenID Connect Discovery 1.0), as far as it matters here.
    struct Description: Decodable, Sendable {
        let issuer: String
        let authorizationEndpoint: String
        let tokenEndpoint: String
        let jwksURI: String
        let endSessionEndpoint: String?
        let codeChallengeMethods: [String]?

        private enum CodingKeys: String, CodingKey {
            case issuer
            case authorizationEndpoint = "authorization_endpoint"
            case tokenEndpoint = "token_endpoint"
            case jwksURI = "jwks_uri"
            case endSessionEndpoint = "end_session_endpoint"
            case codeChallengeMethods = "code_challenge_methods_supported"
        }

        /// Another issuer's description would hand our people to it.
        func check(for expected: String) throws {
            let addresses = [authorizationEndpoint, tokenEndpoint, jwksURI] + [endSessionEndpoint].compactMap(\.self)
            guard issuer == expected, addresses.allSatisfy(OpenIDSettings.isSafe), codeChallengeMethods?.contains("S256") != false else { throw Rejected.providerUnfit }
        }
    }

    struct Pace: Sendable {
        /// How long what was read counts without being read again.
        var fresh = Duration.seconds(600)
        /// Between two readings of the keys, whatever is asked for.
        var pause = Duration.seconds(30)
        /// The same while it is away, and for what it says of itself.
        var pauseWhileAway = Duration.seconds(3)
        /// How long known keys go on to count while the provider is away.
        var stale = Duration.seconds(86_400)
    }

    private let issuer: String
    private let pace: Pace
    private var described: (Description, at: ContinuousClock.Instant)?
    /// Until when it is not asked again what it says of itself.
    private var awayUntil: ContinuousClock.Instant?
    private var keys: [OpenIDKey] = []
    private var keysReadAt: ContinuousClock.Instant?
    private var nextReading: ContinuousClock.Instant?
    /// Those who wait for a reading that is under way.
    private var waiting: [CheckedContinuation<Void, Never>]?
    /// How often the keys were asked for.
    private(set) var readings = 0

    init(_ issuer: String, pace: Pace = Pace()) { (self.issuer, self.pace) = (issuer, pace) }

    // MARK: What it says of itself

    func description() async throws -> Description {
        if let (description, at) = described, ContinuousClock.now - at < pace.fresh { return description }
        if let awayUntil, ContinuousClock.now < awayUntil {
            guard let (description, _) = described else { throw Rejected.providerAway }
            return description
        }
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        do {
            let description: Description = try JSON.decode(from: try await Self.answer(HTTPClientRequest(url: "\(base)/.well-known/openid-configuration")))
            try description.check(for: issuer)
            described = (description, .now)
            return description
        } catch let rejected as Rejected where rejected.slug == Rejected.providerAway.slug {
            // It is away, and says nothing else than before until it is back.
            awayUntil = .now + pace.pauseWhileAway
            guard let (description, _) = described else { throw rejected }
            return description
        } catch where error is JSON.Failure || error is Denied { throw Rejected.providerUnfit }
    }

    // MARK: Its keys

    /// - Parameter isTheirs: It came from the provider itself, so that it names no invented key, though perhaps a new one.
    /// - Throws: ``Denied`` for a token that none of its keys signed; ``Rejected/providerAway`` while nothing is known of them.
    func verify(_ token: OpenIDToken, isTheirs: Bool = false) async throws {
        let isFresh = keysReadAt.map { ContinuousClock.now - $0 < pace.fresh } ?? false
        if !isFresh { await readKeys() }
        if OpenIDKey.named(token.kid, for: token.algorithm, in: keys) == nil { await readKeys(atOnce: isTheirs) }
        guard let readAt = keysReadAt, ContinuousClock.now - readAt < pace.stale else { throw Rejected.providerAway }
        guard let key = OpenIDKey.named(token.kid, for: token.algorithm, in: keys) else { throw Denied.tokenUnfit }
        try await key.verify(token)
    }

    /// Once at a time and not too often; a failure leaves what is known as it is.
    private func readKeys(atOnce: Bool = false) async {
        if waiting != nil { return await withCheckedContinuation { waiting?.append($0) } }
        if !atOnce, let nextReading, ContinuousClock.now < nextReading { return }
        (waiting, readings) = ([], readings + 1)
        var pause = pace.pause
        do {
            struct KeySet: Decodable { let keys: [JSONValue] }
            let address = try await description().jwksURI
            let set: KeySet = try JSON.decode(from: try await Self.answer(HTTPClientRequest(url: address)))
            let read = try set.keys.compactMap(OpenIDKey.init)
            // A set without any is a mistake of the provider's.
            if read.isEmpty { throw Rejected.providerUnfit }
            (keys, keysReadAt) = (read, .now)
        } catch { pause = min(pause, pace.pauseWhileAway) }
        nextReading = .now + pause
        let waited = waiting ?? []
        waiting = nil
        for one in waited { one.resume() }
    }

    // MARK: Asking it

    /// Follows no redirect, which could carry a secret elsewhere.
    private static let http = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(3), read: .seconds(5))))

    /// - Throws: ``Rejected/providerAway`` for whatever is no answer; ``Denied`` where it says no.
    static func answer(_ request: HTTPClientRequest) async throws -> [UInt8] {
        do {
            let response = try await http.execute(request, timeout: .seconds(8))
            let body = Array(try await response.body.collect(upTo: 1 << 20).readableBytesView)
            switch response.status.code {
            case 200..<300: return body
            case 400..<500: throw Denied.signInRefused
            default: throw Rejected.providerAway
            }
        } catch let denied as Denied { throw denied } catch { throw Rejected.providerAway }
    }
}

extension Rejected {
    static let providerAway = Rejected(
        slug: "provider-away", title: "The provider that signs people in cannot be reached; whoever has signed in can go on", status: .serviceUnavailable)
    static let providerUnfit = Rejected(
        slug: "provider-unfit", title: "What the provider that signs people in says of itself does not fit the settings", status: .serviceUnavailable)
}

extension Denied {
    static let signInRefused = Denied("sign-in-refused", mend: "begin the sign-in again; if it is refused again, ask whoever keeps the accounts")
}
