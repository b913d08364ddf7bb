import Contracts
import Foundation
import HTTPTypes
import Registry

/// The embedded issuer's sign-in: whoever opens it chooses an account of the demo. It asks for no password, so it exists only
/// where it was switched on, and never in production.
struct SignIn: Sendable {
    static let path = "/sign-in"
    static let outPath = "/sign-out"

    let tokens: Tokens
    let pages: Pages

    // MARK: The cookie

    private static let cookie = "__Host-lika"

    static func session(_ cookies: String) -> String? { value(of: cookie, in: cookies) }

    static func value(of cookie: String, in cookies: String) -> String? {
        cookies.split(separator: ";").lazy.map { $0.trimmingCharacters(in: .whitespaces) }
            .first { $0.hasPrefix("\(cookie)=") }.map { String($0.dropFirst(cookie.count + 1)) }
    }

    static func setting(_ session: String, seconds: Int) -> String {
        "\(cookie)=\(session); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Lax"
    }

    // MARK: Pages

    private struct Page {
        let to: String
        let accounts: [Account]

        struct Account {
            let account: String
            let role: Pages.Words
        }
    }

    /// `?to=` is where it leads; only an address of this service.
    func show(_ call: Call) throws -> Reply {
        let page = Page(
            to: Self.inner(call.query("to")),
            accounts: Self.accounts.map { .init(account: $0.account, role: .init($0.roles.first?.label.zh ?? "", $0.roles.first?.label.en ?? "")) })
        return try pages.show("sign-in", page, for: call)
    }

    func enter(_ call: Call) async throws -> Reply {
        try call.refuseOtherSites()
        let form = try call.form()
        guard let principal = Self.accounts.first(where: { $0.account == form.text("account") }) else {
            throw Invalid("/account", "account.unknown", "choose one of the accounts")
        }
        let session = try await tokens.issue(principal, .session)
        return Reply.see(Self.inner(form.text("to"))).with(.setCookie, Self.setting(session, seconds: Int(Tokens.Use.session.lifetime)))
    }

    func leave(_ call: Call) throws -> Reply {
        try call.refuseOtherSites()
        return Reply.see(Self.path).with(.setCookie, Self.setting("", seconds: 0))
    }

    /// Where a page sends whoever must sign in first.
    static func leading(to call: Call) -> Reply { .see("\(path)?to=\(Call.escaped(call.address))") }

    /// An address elsewhere would make this page a trap; browsers drop what stands between two slashes and is no letter.
    static func inner(_ path: String?) -> String {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"), !path.hasPrefix(Self.path),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return "/" }
        return path
    }

    /// One for each role of a person, in the subdistrict of the plan of 2018.
    static let accounts: [Principal] = Role.allCases.filter { $0 != .service && $0 != .department }.map {
        Principal(account: "demo.\($0.rawValue)", roles: [$0], jurisdictions: [DivisionCode($0 == .county ? "530427" : "530427001")].compactMap(\.self))
    }
}
