import Contracts
import HTTPTypes
import Registry

/// Who may use which route of a service, as data: a line for each, a method, a path, and `everybody`, `itself` (the route asks for
/// proof of its own), `staff` (whoever has signed in and is anything in the review) or the roles.
///
///     GET  /v1/cases                      staff
///     POST /v1/meetings                   committee subdistrict
///     GET  /notices                       everybody
///
/// Where who may depends on what is asked for, there is a line for each act instead of one for the route (see ``Acting``):
///
///     POST /windows/:window  act=community    work_team
///     POST /windows/:window  act=subdistrict  subdistrict
///     POST /meetings         act=internal_review,initial_decision  committee
///
/// A route without a line, or a line without a route, stops the program as it starts: nothing is open because it was forgotten.
package struct Permissions: Sendable {
    package enum Audience: Equatable, Sendable {
        case everybody
        case itself
        case staff
        case roles(Set<Role>)

        /// Whoever is of one of them; an act is for roles.
        static func any(of audiences: [Audience]) -> Audience {
            .roles(audiences.reduce(into: []) { all, audience in
                guard case .roles(let roles) = audience else { preconditionFailure("an act is for roles") }
                all.formUnion(roles)
            })
        }

        /// - Throws: ``Denied`` where nobody has signed in, ``Forbidden`` where somebody has who may not.
        package func admit(_ principal: Principal?) throws {
            if self == .everybody || self == .itself { return }
            guard let principal else { throw Denied.signedOut }
            if principal.roles.isEmpty { throw Forbidden(Role.ofStaff) }
            if principal.roles.contains(.department), !principal.roles.isDisjoint(with: Role.ofStaff) { throw Forbidden.bothSides }
            if case .roles(let roles) = self, roles.isDisjoint(with: principal.roles) { throw Forbidden(roles) }
        }
    }

    package let audiences: [String: Audience]
    /// By route and act. The route itself is for whoever may do any of them.
    package let acts: [String: [String: Audience]]
    private let isOpen: Bool

    /// What has no people of its own, such as a service in a test of the kit.
    package static let everybody = Permissions(audiences: [:], acts: [:], isOpen: true)

    private init(audiences: [String: Audience], acts: [String: [String: Audience]], isOpen: Bool) {
        (self.audiences, self.acts, self.isOpen) = (audiences, acts, isOpen)
    }

    package init(_ table: String) {
        var audiences: [String: Audience] = [:]
        var acts: [String: [String: Audience]] = [:]
        for line in table.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
            var words = line.split(separator: " ").map(String.init)
            let named = words.count > 2 && words[2].hasPrefix("act=") ? words.remove(at: 2).dropFirst("act=".count).split(separator: ",").map(String.init) : []
            guard words.count > 2, let audience = Self.audience(Array(words[2...])) else { preconditionFailure("no permission: \(line)") }
            let route = "\(words[0]) \(words[1])"
            for act in named {
                let isNew = acts[route, default: [:]].updateValue(audience, forKey: act) == nil
                precondition(isNew, "two permissions: \(line)")
            }
            if named.isEmpty {
                let isNew = audiences.updateValue(audience, forKey: route) == nil
                precondition(isNew, "two permissions: \(line)")
            }
        }
        for (route, acts) in acts {
            let isNew = audiences.updateValue(.any(of: Array(acts.values)), forKey: route) == nil
            precondition(isNew, "permissions for \(route) and for its acts")
        }
        self.init(audiences: audiences, acts: acts, isOpen: false)
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

extension Role {
    /// What a person of the offices can be.
    static let ofStaff = Set(allCases).subtracting([.service, .department])
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

extension Forbidden {
    /// Whoever answers for a department is nobody of those who ask and decide (domain.md section 8).
    static let bothSides = Forbidden(
        code: "forbidden", mend: "an account of a department can be nothing else in the review 部门账号不能兼任; whoever keeps the accounts can part them")
}

extension Denied {
    static let signedOut = Denied("signed-out", mend: "sign in, or send Authorization: Bearer <access token>")
    static let tokenUnfit = Denied("token-unfit", mend: "sign in again, or bring a fresh access token of this system's issuer")
}
