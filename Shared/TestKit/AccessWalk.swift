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

    package static func bearer(_ roles: Set<Role>, account: String = "somebody") async throws -> [String: String] {
        ["Authorization": "Bearer \(try await Tokens(key: key).issue(Principal(account: account, roles: roles), .access))"]
    }

    /// A session's cookie, as a browser sends it.
    package static func session(_ roles: Set<Role>, account: String = "somebody") async throws -> [String: String] {
        ["Cookie": "__Host-lika=\(try await Tokens(key: key).issue(Principal(account: account, roles: roles), .session))"]
    }

    /// All that is not as `permissions` says, and how many of those kept out were written down.
    package static func breaches(of migrations: [Migration], parts: Parts) async throws -> (breaches: [Breach], refused: Int, noted: Int) {
        try await TestService.with(migrations, parts: parts, access: access()) { service in
            var breaches: [Breach] = []
            var refused = 0
            // Nobody, and somebody who is nothing in the review.
            var callers: [(role: Role?, headers: [String: String])] = [(nil, [:]), (nil, try await bearer([]))]
            for role in Role.allCases { callers += [(role, try await bearer([role])), (role, try await session([role]))] }
            for (method, path) in service.routes {
                let route = "\(method) \(path)"
                guard let audience = parts.permissions.audiences[route] else { continue }
                let address = path.split(separator: "/").map { $0.hasPrefix(":") ? "00000000-0000-4000-8000-000000000000" : String($0) }.joined(separator: "/")
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
            let noted: Int = try await service.store.work { try $0.first("SELECT count(*) AS count FROM audit WHERE outcome = 'refused'")?["count"] } ?? 0
            return (breaches, refused, noted)
        }
    }
}
