import HTTPTypes

/// Who calls, whether they come too often, and whether they may: before anything of a request's body is read.
struct Entrance: Sendable {
    let access: Access
    let permissions: Permissions
    let throttle: Throttle

    /// Lets the call in as whoever shows who they are.
    ///
    /// - Parameter isCommand: Of a program. What a session's cookie shows is for pages, and for what pages link to; a browser sends it
    ///   along whoever made it ask.
    func admit(_ call: inout Call, to audience: Permissions.Audience, isCommand: Bool) async throws {
        call.mustSignIn = !access.believesAnybody
        (call.permissions, call.home, call.isBound) = (permissions, throttle.limits.home, audience.needsSignIn)
        let caller: Access.Caller?
        do { caller = try await access.caller(call.headers) } catch {
            try await call.pass(throttle)
            // Where the route asks for proof of its own, what is no token of the suite's may be that proof.
            guard error is Denied, audience == .itself else { throw error }
            return
        }
        let counts = caller?.formKey == nil || !isCommand
        if counts { call.principal = caller?.principal }
        if audience.needsSignIn { call.formKey = caller?.formKey }
        try await call.pass(throttle)
        if !counts, audience.needsSignIn { throw Denied.cookieNotEnough }
        if call.mustSignIn { try audience.admit(call.principal) }
    }
}

extension Permissions.Audience {
    var needsSignIn: Bool { self != .everybody && self != .itself }
}

extension Denied {
    static let cookieNotEnough = Denied("cookie-not-enough", mend: "commands of programs need Authorization: Bearer <access token>")
}
