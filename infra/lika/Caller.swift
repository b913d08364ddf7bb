import ArgumentParser
import Foundation
import Registry
import ServiceKit

/// As whom the command line calls: by an access token that its user has brought from the provider; with the embedded issuer's key,
/// by a token of its own making; without either, by its word, which services believe that stand behind a proxy.
struct Caller: Sendable {
    private let principal: Principal
    private let tokens: Tokens?
    private var brought: String?

    /// Whoever runs commands here may do what any person may.
    static let command = Caller(
        principal: Principal(account: "lika-command", roles: Set(Role.allCases).subtracting([.service, .department]), reach: .everywhere), tokens: nil)

    /// With the token in `LIKA_ACCESS_TOKEN`, or with the key that `LIKA_ACCESS_KEY_FILE` names, if it does.
    static func found() async throws -> Caller {
        if let token = Surroundings.optional("LIKA_ACCESS_TOKEN") { return Caller(principal: command.principal, tokens: nil, brought: token) }
        guard let path = Surroundings.optional("LIKA_ACCESS_KEY_FILE") else { return command }
        return Caller(principal: command.principal, tokens: try await issuer(withKeyIn: path))
    }

    /// The embedded issuer, by its key.
    static func issuer(withKeyIn path: String) async throws -> Tokens {
        try await Tokens(key: String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// One who looks after this place alone.
    func acting(within place: DivisionCode) -> Caller {
        Caller(principal: Principal(account: principal.account, roles: principal.roles, jurisdictions: [place]), tokens: tokens, brought: brought)
    }

    func acting(as role: Role) -> Caller {
        Caller(principal: Principal(account: "rehearsal.\(role.rawValue)", roles: [role], reach: principal.reach), tokens: tokens, brought: brought)
    }

    func acting(for account: String) -> Caller {
        Caller(principal: Principal(account: account, roles: principal.roles, reach: principal.reach), tokens: tokens, brought: brought)
    }

    /// The header that says it.
    var shown: (name: String, value: String) {
        get async throws {
            if let brought { return ("Authorization", "Bearer \(brought)") }
            guard let tokens else { return ("Lika-Actor", principal.account) }
            return ("Authorization", "Bearer \(try await tokens.issue(principal, .access))")
        }
    }
}

/// `lika token`: for scripts that call the services.
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints an access token of the embedded issuer, good for fifteen minutes.",
        discussion: """
            Needs the issuer's key (LIKA_ACCESS_KEY_FILE), whose holder is anybody: for a laptop and rehearsals only.

              curl -H "Authorization: Bearer $(infra/suite run lika token --role poverty_office)" …
            """)

    @Option(help: "The account's name, up to 64 letters, digits and . _ @ -.") var account = "lika-command"
    @Option(parsing: .upToNextOption, help: "What it is in the review: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).") var role: [Role]
    @Option(parsing: .upToNextOption, help: "Codes of the divisions that it looks after; all, if none is named.") var within: [DivisionCode] = []

    func validate() throws {
        if role.isEmpty { throw ValidationError("name at least one --role") }
        if !Principal.isAccount(account) { throw ValidationError("\(account) is no account's name") }
    }

    func run() async throws {
        let issuer = try await Caller.issuer(withKeyIn: Surroundings.value("LIKA_ACCESS_KEY_FILE", "the file with the embedded issuer's key"))
        print(try await issuer.issue(Principal(account: account, roles: Set(role), reach: within.isEmpty ? .everywhere : .within(within)), .access))
    }
}

extension Role: ExpressibleByArgument {}
extension DivisionCode: ExpressibleByArgument {}
