import Contracts
import HTTPTypes

/// The pages of a sign-in by OpenID Connect: there, back, and out.
struct OpenIDSignIn: Sendable {
    static let backPath = "/sign-in/back"
    private static let cookie = "__Host-lika-sign-in"

    let openID: OpenID
    let pages: Pages

    /// Sends the browser to the provider. `?to=` is where it leads in the end; only an address of this service.
    func begin(_ call: Call) async throws -> Reply {
        let flow = OpenID.Flow(to: SignIn.inner(call.query("to")))
        return Reply.see(try await openID.address(of: flow)).with(.setCookie, Self.setting(try openID.sealed(flow), OpenID.Flow.seconds))
    }

    /// The provider has sent the browser back, with a code or with why not.
    func end(_ call: Call) async throws -> Reply {
        guard let flow = call.header("Cookie").flatMap({ SignIn.value(of: Self.cookie, in: $0) }).flatMap(openID.opened),
            let state = call.query("state"), openID.isState(state, of: flow)
        else { throw Rejected.signInStale }
        // A code of another provider must not be taken to ours (RFC 9207).
        if let issuer = call.query("iss"), issuer != openID.settings.issuer { throw Denied.signInRefused }
        guard let code = call.query("code"), call.query("error") == nil else { throw Denied.signInRefused }
        let principal = try await openID.redeem(code, flow)
        let session = try await openID.tokens.issue(principal, .session)
        var reply = Reply.see(flow.to)
        reply.headers.append(HTTPField(name: .setCookie, value: Self.setting("", 0)))
        reply.headers.append(HTTPField(name: .setCookie, value: SignIn.setting(session, seconds: Int(Tokens.Use.session.lifetime))))
        return reply
    }

    private struct Left {
        let end: String?
    }

    /// Ends the session here, and leads on to where the provider ends its own. Not by a redirect: to a browser that would be a form
    /// sent elsewhere, which our pages do not allow.
    func leave(_ call: Call) async throws -> Reply {
        try call.refuseOtherSites()
        let end = await openID.endOfSession()
        var call = call
        call.principal = nil
        let reply = try pages.show("signed-out", Left(end: end), for: call).with(.setCookie, SignIn.setting("", seconds: 0))
        guard let end, let refresh = HTTPField.Name("Refresh") else { return reply }
        return reply.with(refresh, "1;url=\(end)")
    }

    private static func setting(_ value: String, _ seconds: Int) -> String {
        "\(cookie)=\(value); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Lax"
    }
}

extension Rejected {
    static let signInStale = Rejected(
        slug: "sign-in-stale", title: "This sign-in was begun in another browser or too long ago: begin it again", status: .badRequest)
}
