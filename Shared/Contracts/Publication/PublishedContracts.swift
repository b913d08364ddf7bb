import Foundation

/// The contracts as outsiders get them: `asyncapi.json` and one JSON Schema for each event, generated from the types and
/// committed, so that a review shows what a change means to others.
package enum PublishedContracts {
    /// Below the root of the sources.
    package static let folder = "Shared/Contracts/contracts"

    /// The files by their path below ``folder``.
    package static func generate(_ documentation: Documentation) throws -> [String: [UInt8]] {
        func schema<E: Event>(_ event: E.Type) throws -> EventSchema { try EventSchema(event, documentation) }
        let schemas = try Events.all.map { try schema($0) }
        var files = ["asyncapi.json": try AsyncAPI(schemas).document.pretty()]
        for schema in schemas { files["schemas/\(schema.name).json"] = try schema.document.pretty() }
        return files
    }

    /// The schema of one event, as it stands in its file.
    package static func schema(of event: (some Event).Type, _ documentation: Documentation) throws -> [UInt8] {
        try EventSchema(event, documentation).document.pretty()
    }

    /// Writes what the sources below `root` say, removes what they no longer say, and names the files that changed.
    package static func write(below root: URL) throws -> [String] {
        let files = try generate(Documentation(readingFrom: root))
        let stale = try changes(from: committed(below: root), to: files)
        for path in stale {
            let file = root.appending(path: folder).appending(path: path)
            if let bytes = files[path] {
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
        }
        return stale
    }

    /// The files that are not what the sources below `root` say; empty if all is in order.
    package static func stale(below root: URL) throws -> [String] {
        try changes(from: committed(below: root), to: generate(Documentation(readingFrom: root)))
    }

    /// The committed files by their path below ``folder``.
    package static func committed(below root: URL) throws -> [String: [UInt8]] {
        let directory = root.appending(path: folder)
        guard FileManager.default.fileExists(atPath: directory.path) else { return [:] }
        let paths = try FileManager.default.subpathsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".json") }
        return try Dictionary(uniqueKeysWithValues: paths.map { ($0, Array(try Data(contentsOf: directory.appending(path: $0)))) })
    }

    private static func changes(from old: [String: [UInt8]], to new: [String: [UInt8]]) -> [String] {
        Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }
}
