import Contracts
import HTTPTypes
import Registry

/// Who may use which route of a service, as data: a line for each, a method, a path, and `everybody`, `itself` (the route asks for
/// proof of its own), `staff` (whoever has signed in) or the roles.
///
///     GET  /v1/cases                      staff
///     POST /v1/meetings                   committee subdistrict
///     GET  /notices                       everybody
///
/// A route without a line, or a line without a route, stops the program as it starts: nothing is open because it was forgotten.
package struct Permissions: Sendable {
    package enum Audience: Equatable, Sendable {
        case everybody
        case itself
        case staff
        case roles(Set<Role>)

        /// - Throws: ``Denied`` where nobody has signed in, ``Forbidden`` where somebody has who may not.
        package func admit(_ principal: Principal?) throws {
            if self == .everybody || self == .itself { return }
            guard let principal else { throw Denied.signedOut }
            if case .roles(let roles) = self, roles.isDisjoint(with: principal.roles) { throw Forbidden(roles) }
        }

        /// Whether those who come see only what lies in their places.
        var isOfPlaces: Bool {
            switch self {
            case .everybody, .itself: false
            case .staff, .roles: true
            }
        }
    }

    package let audiences: [String: Audience]
    private let isOpen: Bool

    /// What has no people of its own, such as a service in a test of the kit.
    package static let everybody = Permissions(audiences: [:], isOpen: true)

    private init(audiences: [String: Audience], isOpen: Bool) { (self.audiences, self.isOpen) = (audiences, isOpen) }

    package init(_ table: String) {
        var audiences: [String: Audience] = [:]
        for line in table.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 2, let audience = Self.audience(Array(words[2...])) else { preconditionFailure("no permission: \(line)") }
            let isNew = audiences.updateValue(audience, forKey: "\(words[0]) \(words[1])") == nil
            precondition(isNew, "two permissions: \(line)")
        }
        self.init(audiences: audiences, isOpen: false)
    }

    private static func audience(_ words: [String]) -> Audience? {
        if words == ["everybody"] { return .everybody }
        if words == ["itself"] { return .itself }
        if words == ["staff"] { return .staff }
        let roles = words.compactMap(Role.init(rawValue:))
        return roles.count == words.count ? .roles(Set(roles)) : nil
    }

    // MARK: As tables read it

    /// Whom a route is for, where it is for some roles only.
    package func roles(_ route: String) -> Set<Role>? {
        if case .roles(let roles) = audiences[route] { roles } else { nil }
    }

    /// All that somebody with this role may use beyond what everybody may.
    package func routes(of role: Role) -> [String] {
        audiences.filter { $0.value == .staff || roles($0.key)?.contains(role) == true }.keys.sorted()
    }

    /// Those of them that change something, or ask for what must not stand in an address.
    package func commands(of role: Role) -> Set<String> { Set(routes(of: role).filter { !$0.hasPrefix("GET ") }) }

    /// What needs no sign-in.
    package var open: [String] { audiences.filter { $0.value == .everybody }.keys.sorted() }

    func audience(_ method: HTTPRequest.Method, _ path: String) -> Audience {
        if isOpen { return .everybody }
        guard let audience = audiences["\(method.rawValue) \(path)"] else { preconditionFailure("\(method.rawValue) \(path) has no permission") }
        return audience
    }

    /// Lines that speak of no route.
    func check(_ routes: [(method: String, path: String)]) {
        let idle = Set(audiences.keys).subtracting(routes.map { "\($0.method) \($0.path)" })
        precondition(idle.isEmpty, "permissions without a route: \(idle.sorted())")
    }
}

/// Whoever calls is known and may not.
package struct Forbidden: Error {
    let code: String
    let mend: String

    package init(code: String, mend: String) { (self.code, self.mend) = (code, mend) }

    /// Any one of these roles would do.
    package init(_ roles: Set<Role>) {
        self.init(code: "forbidden", mend: "this is for: " + roles.sorted().map { "\($0.label.zh) \($0.label.en)" }.joined(separator: ", "))
    }
}

extension Denied {
    static let signedOut = Denied("signed-out", mend: "sign in, or send Authorization: Bearer <access token>")
    static let tokenUnfit = Denied("token-unfit", mend: "sign in again, or bring a fresh access token of this system's issuer")
}
