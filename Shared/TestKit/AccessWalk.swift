import Contracts
import Foundation
import HTTPTypes
import Postgres
import Registry
import ServiceKit

/// Goes through every route of a service as everybody who might come, and tells whoever is let in or kept out against the table.
package struct AccessWalk {
    /// A route, who came, and what was not as it should be.
    package struct Breach: CustomStringConvertible, Sendable {
        let route: String
        let caller: String
        let status: Int
        let expected: String
        package var description: String { "\(route) as \(caller): \(status), not \(expected)" }
    }

    package static func access() async throws -> Access {
        .embedded(try await Tokens(key: key), signInPage: true)
    }

    /// Of an issuer that exists only in tests.
    package static let key = Data(repeating: 7, count: 32).base64EncodedString()

    package static func bearer(_ roles: Set<Role>, account: String = "somebody", within reach: Reach = .everywhere) async throws -> [String: String] {
        ["Authorization": "Bearer \(try await Tokens(key: key).issue(Principal(account: account, roles: roles, reach: reach), .access))"]
    }

    /// A session's cookie, as a browser sends it.
    package static func session(_ roles: Set<Role>, account: String = "somebody") async throws -> [String: String] {
        ["Cookie": "__Host-lika=\(try await Tokens(key: key).issue(Principal(account: account, roles: roles, reach: .everywhere), .session))"]
    }

    /// All that is not as `permissions` says, how many acts were asked for one by one, and how many of those kept out were written down.
    package static func breaches(of migrations: [Migration], parts: Parts) async throws -> (breaches: [Breach], acts: Int, refused: Int, noted: Int) {
        try await TestService.with(migrations, parts: parts, access: access()) { service in
            var breaches: [Breach] = []
            var refused = 0
            // Nobody, and somebody who is nothing in the review.
            var callers: [(role: Role?, headers: [String: String])] = [(nil, [:]), (nil, try await bearer([]))]
            for role in Role.allCases { callers += [(role, try await bearer([role])), (role, try await session([role]))] }
            for (method, path) in service.routes {
                let route = "\(method) \(path)"
                guard let audience = parts.permissions.audiences[route] else { continue }
                let address = address(path)
                for (role, headers) in callers {
                    let answer = try await service.call(HTTPRequest.Method(rawValue: method)!, "/\(address)", [], headers)
                    let isOut = answer.status == 403 || answer.status == 401 || answer.headers["location"]?.hasPrefix("/sign-in") == true
                    // A cookie opens what a token opens, but for the commands of programs, which no page sends.
                    let isIdle = headers["Cookie"] != nil && path.hasPrefix("/v1/") && method != "GET" && audience != .everybody
                    let isNamed =
                        switch audience {
                        case .everybody, .itself: true
                        case .staff: role != nil
                        case .roles(let roles): role.map(roles.contains) ?? false
                        }
                    let mayIn = isNamed && !isIdle
                    if answer.status == 403 { refused += 1 }
                    if audience == .itself ? answer.status == 403 : isOut == mayIn {
                        breaches.append(Breach(route: route, caller: (role?.rawValue ?? "nobody") + (headers["Cookie"] == nil ? "" : " by cookie"), status: answer.status, expected: mayIn ? "let in" : "kept out"))
                    }
                }
            }
            let asks = Ask.all(of: service, parts.permissions)
            for ask in asks {
                guard case .roles(let roles) = ask.audience else { continue }
                for role in Role.allCases {
                    let headers = try await bearer([role]).merging(["Content-Type": ask.type, "Idempotency-Key": UUID().uuidString]) { $1 }
                    let answer = try await service.call(ask.method, "/\(address(ask.path))", Array(ask.body.utf8), headers)
                    if answer.status == 403 { refused += 1 }
                    if (answer.status == 401 || answer.status == 403) == roles.contains(role) {
                        breaches.append(
                            Breach(route: "\(ask.method.rawValue) \(ask.path) \(ask.act)", caller: role.rawValue, status: answer.status, expected: roles.contains(role) ? "let in" : "kept out"))
                    }
                }
            }
            let noted: Int = try await service.store.work { try $0.first("SELECT count(*) AS count FROM audit WHERE outcome = 'refused'")?["count"] } ?? 0
            return (breaches, asks.count, refused, noted)
        }
    }

    private static func address(_ path: String) -> String {
        path.split(separator: "/").map { $0.hasPrefix(":") ? "00000000-0000-4000-8000-000000000000" : String($0) }.joined(separator: "/")
    }

    /// What asks for one act of a route, where a field alone tells it.
    private struct Ask {
        let method: HTTPRequest.Method
        let path: String
        let act: String
        let audience: Permissions.Audience
        let field: String

        private var isProgram: Bool { path.hasPrefix("/v1/") }
        var type: String { isProgram ? "application/json" : "application/x-www-form-urlencoded" }
        var body: String { isProgram ? #"{"\#(field)":"\#(act)"}"# : "key=\(UUID())&\(field)=\(act)" }

        static func all(of service: TestService, _ permissions: Permissions) -> [Ask] {
            service.routes.flatMap { method, path in
                guard let field = service.actFields["\(method) \(path)"], let method = HTTPRequest.Method(rawValue: method) else { return [Ask]() }
                return permissions.acts["\(method.rawValue) \(path)", default: [:]].map { Ask(method: method, path: path, act: $0, audience: $1, field: field) }
            }
        }
    }

    // MARK: Elsewhere

    /// What there is in one community, and would give it away elsewhere.
    package struct Things: Sendable {
        /// By the name of a path's parameter.
        let ids: [String: String]
        let campaign: CampaignID
        let traces: [String]

        package init(_ ids: [String: String], in campaign: CampaignID, traces: [String]) {
            (self.ids, self.campaign, self.traces) = (ids.merging(["campaign": "\(campaign)", "division": home.code]) { own, _ in own }, campaign, traces)
        }
    }

    private static let (home, neighbour) = (DivisionCode("530427001001")!, DivisionCode("530427001002")!)

    /// Goes through every route for people as each role that it is for, once as somebody of the community in which everything lies
    /// and once as somebody of the next one, who must be told 403 of what a path names and be shown nothing of it otherwise.
    ///
    /// - Parameter fill: Puts the things there; it is given a service that lets it do everything.
    /// - Returns: All that was not so, and the routes that did show something to whoever belongs there.
    package static func strays(
        of migrations: [Migration], parts: Parts, now: Instant? = nil, _ fill: @Sendable (TestService) async throws -> Things
    ) async throws -> (breaches: [Breach], showing: Set<String>) {
        try await TestService.with(migrations, parts: parts, now: now, access: access()) { service in
            var filling = service
            filling.headers = try await bearer(Set(Role.allCases).subtracting([.department]))
            let things = try await fill(filling)
            var (breaches, showing) = ([Breach](), Set<String>())
            for place in [neighbour, home] {
                for (method, path) in service.routes {
                    let route = "\(method) \(path)"
                    let roles: Set<Role>
                    switch parts.permissions.audiences[route] {
                    case .staff: roles = [.clerk]
                    case .roles(let named): roles = named.subtracting([.service, .department])
                    case .everybody, .itself, nil: continue
                    }
                    let parameters = path.split(separator: "/").filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
                    let isBound = parameters.contains { parts.places.parameters.contains($0) && things.ids[$0] != nil }
                    let address = path.split(separator: "/").map { part in
                        part.hasPrefix(":") ? things.ids[String(part.dropFirst())] ?? "00000000-0000-4000-8000-000000000000" : String(part)
                    }.joined(separator: "/")
                    for role in roles.sorted() {
                        let caller = try await bearer([role], account: "of.\(place)", within: .within([place]))
                        let key = UUID().uuidString
                        let isForm = method == "POST" && !path.hasPrefix("/v1/")
                        let headers = caller.merging(
                            ["Idempotency-Key": key, "Content-Type": isForm ? "application/x-www-form-urlencoded" : "application/json"]) { $1 }
                        let answer = try await service.call(
                            HTTPRequest.Method(rawValue: method)!, "/\(address)?campaign=\(things.campaign)",
                            method == "GET" ? [] : Array((isForm ? "key=\(key)" : "{}").utf8), headers)
                        let isShown = things.traces.contains { answer.text.contains($0) }
                        if place == home, isShown { showing.insert(route) }
                        let expected: String? =
                            if answer.status >= 500 { "an answer" } else if place == home {
                                isBound && answer.text.contains("outside-jurisdiction") ? "let in" : nil
                            } else if isBound {
                                answer.status == 403 ? nil : "403"
                            } else { isShown ? "nothing of elsewhere" : nil }
                        if let expected {
                            breaches.append(Breach(route: route, caller: "\(role.rawValue) of \(place)", status: answer.status, expected: expected))
                        }
                    }
                }
            }
            return (breaches, showing)
        }
    }
}
