import Foundation

/// The key of a command whose reply holds what may lie nowhere, not even among the replies that are kept: the command itself
/// recognises by the key that it was done, and answers the same again.
package enum OnceKey {
    /// As a program sends it, in `Idempotency-Key`.
    package static func of(_ call: Call) throws -> String { try checked(call.header("Idempotency-Key")) }

    /// As a page's form has it, in its hidden field `key`.
    package static func of(_ form: Form) throws -> String { try checked(form.text("key")) }

    /// What a key is answered with that came with something else before.
    package static var reused: any Error { Rejected.keyReused }

    private static func checked(_ given: String?) throws -> String {
        guard let key = given?.trimmingCharacters(in: CharacterSet(charactersIn: "\" ")), !key.isEmpty, key.utf8.count <= 100
        else { throw Rejected.keyMissing }
        return key
    }
}
