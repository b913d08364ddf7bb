import ServiceKit

/// The settings that only intake has.
struct Config {
    /// Everything sealed and every hash of an ID number hangs on it: see ``Vault``.
    let vault: Vault?

    init(_ settings: inout Settings) throws {
        let text = settings.secret("LIKA_INTAKE_KEY")
        let keys = Vault.material(text)
        vault = keys.flatMap { keys in keys.first.map { Vault($0, Array(keys.dropFirst())) } }
        if let vault {
            settings.show("LIKA_INTAKE_KEY", (["seals under \(vault.newest)"] + vault.older.map { "opens \($0)" }).joined(separator: ", "))
        } else if !text.isEmpty {
            settings.note(
                Setting.Problem(
                    "LIKA_INTAKE_KEY", "must be keys of 32 bytes in base64, as `openssl rand -base64 32` prints, one a line, none twice, the newest last"))
        }
    }

    func openVault() throws -> Vault {
        guard let vault else { throw Setting.Problem("LIKA_INTAKE_KEY", "is no key") }
        return vault
    }
}
