import Contracts
import Registry

/// What of several acts a request to a route asks for, where it depends on that who may: the permission table has a line for each.
///
///     api.form("/meetings/:meeting", of: pages, acting: Acting { call, work in … }, act)
///
///     POST /meetings/:meeting  act=approval  subdistrict
package struct Acting: Sendable {
    let act: @Sendable (Call, Work) throws -> String
    /// That alone tells the act, where one does.
    private(set) var field: String?

    /// - Parameter act: Looks at what was sent, and at what is on file; changes nothing.
    package init(_ act: @escaping @Sendable (Call, Work) throws -> String) { self.act = act }

    /// A field of the page's form, or of the JSON object that a program sent.
    package static func field(_ name: String) -> Acting {
        var acting = Acting { call, _ in
            if let sent = call.sent { return try sent.required(name) }
            guard case .object(let fields) = try call.body(JSONValue.self), case .string(let text)? = fields[name] else {
                throw Invalid("/\(name)", "missing", "this must be filled")
            }
            return text
        }
        acting.field = name
        return acting
    }
}

extension Permissions {
    func admit(_ act: String, at route: String, _ principal: Principal?) throws {
        guard let audience = acts[route]?[act] else { throw Invalid("/act", "unknown-value", "there is no such act here") }
        try audience.admit(principal)
    }
}

extension Call {
    /// Whether whoever calls may use a route of this service, as `POST /windows`, or one act of it: for what a page offers.
    package func may(_ route: String, _ act: String? = nil) -> Bool {
        guard mustSignIn, let permissions else { return true }
        let audience = act.flatMap { permissions.acts[route]?[$0] } ?? permissions.audiences[route]
        do { try audience?.admit(principal) } catch { return false }
        return audience != nil
    }
}
