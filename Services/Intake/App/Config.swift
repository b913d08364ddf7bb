import ServiceKit

/// The settings that only intake has.
struct Config {
    /// 32 bytes in base64: everything sealed and every hash of an ID number hangs on it.
    let key: String

    init(_ settings: inout Settings) throws {
        key = settings.secret("LIKA_INTAKE_KEY")
        if !key.isEmpty, Vault.material(key) == nil {
            settings.note(Setting.Problem("LIKA_INTAKE_KEY", "must be 32 bytes in base64, as `openssl rand -base64 32` prints"))
        }
    }

    func vault() throws -> Vault {
        guard let material = Vault.material(key) else { throw Setting.Problem("LIKA_INTAKE_KEY", "is no key") }
        return Vault(material)
    }
}
