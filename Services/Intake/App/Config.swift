import ServiceKit
import Sheets

/// The settings that only intake has.
struct Config {
    /// Everything sealed and every hash of an ID number hangs on it: see ``Vault``.
    let vault: Vault?
    let imports: ImportSettings
    /// The header in which the office's proxy names the client of the public tip form. Set it only where nobody reaches
    /// intake but through that proxy, and it overwrites or extends what a client sends.
    let clientHeader: String?

    init(_ settings: inout Settings) throws {
        imports = ImportSettings(&settings)
        clientHeader = settings.optional("LIKA_INTAKE_CLIENT_HEADER")
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

/// What sheets may be, and how long they are kept.
struct ImportSettings: Sendable {
    var limits = SheetLimits()
    /// Of a file as it comes.
    var bytes = 10 << 20
    /// Days of the plan from the end of an import to the destruction of its bytes: so long can its annotated sheet be fetched.
    var keptDays = 7

    init() {}

    init(_ settings: inout Settings) {
        let megabytes = settings.int("LIKA_INTAKE_IMPORT_MB", default: bytes >> 20)
        let rows = settings.int("LIKA_INTAKE_IMPORT_ROWS", default: limits.rows)
        keptDays = settings.int("LIKA_INTAKE_IMPORT_DAYS", default: keptDays)
        if !(1...2_000).contains(megabytes) { settings.note(Setting.Problem("LIKA_INTAKE_IMPORT_MB", "must be 1 to 2000")) }
        if !(1...5_000_000).contains(rows) { settings.note(Setting.Problem("LIKA_INTAKE_IMPORT_ROWS", "must be 1 to 5000000")) }
        if !(0...366).contains(keptDays) { settings.note(Setting.Problem("LIKA_INTAKE_IMPORT_DAYS", "must be 0 to 366")) }
        bytes = megabytes << 20
        (limits.rows, limits.archiveBytes) = (rows, bytes)
        limits.inflatedBytes = max(limits.inflatedBytes, bytes * 10)
    }
}
