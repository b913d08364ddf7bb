import ArgumentParser
import Foundation
import Registry

/// In a rehearsal, a department without a network: somebody carries its questions there and brings its answers back, by
/// `lika courier`.
struct CarriedDepartment: Sendable {
    /// As in its files' names, such as `disabled`.
    let name: String
    /// Where the departments' keys lie.
    let keys: URL
    /// What the department knows.
    let facts: URL

    /// The files under way, and the office's own keys.
    private var folder: URL { keys.deletingLastPathComponent().appending(path: "carried", directoryHint: .isDirectory) }

    /// The department makes its keys and hands over their public halves.
    func makeKeys() throws { _ = try KeyPair(in: keys, name) }

    /// There and back; carried twice it does no harm.
    func carry(_ suite: Suite) async throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        func path(_ file: String) -> String { folder.appending(path: file).path }
        try await Courier.Export.parse([
            "--department", name, "--keys", keys.path, "--office", path("office"), "--output", path("requests"),
        ]).run(suite)
        try await Courier.Answer.parse([
            path("requests"), "--department", name, "--keys", keys.path, "--office", path("office/office.jwk.json"), "--data", facts.path,
            "--signatory", "示例责任人", "--post", "信息数据复核责任人", "--output", path("answers"),
        ]).run()
        try await Courier.Import.parse([path("answers"), "--office", path("office"), "--receipts", path("receipts")]).run(suite)
        let receipts = try String(contentsOfFile: path("receipts"), encoding: .utf8)
        return "\(receipts.split(separator: "\n").count) answers, a day late"
    }
}
