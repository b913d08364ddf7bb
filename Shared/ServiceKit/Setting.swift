import Foundation

/// The settings of a process, read once from its environment; every problem is reported together.
///
///     var settings = Settings(environment)
///     let port = settings.int("LIKA_HTTP_PORT", default: 28101)
///     try settings.check()
package struct Settings {
    private let environment: [String: String]
    private var known: Set<String> = []
    private(set) var problems: [Setting.Problem] = []
    /// What was found, for `config check`; secrets are masked.
    private(set) var effective: [(name: String, value: String)] = []
    /// What may be known of secrets.
    private(set) var remarks: [String: String] = [:]

    package init(_ environment: [String: String]) { self.environment = environment }

    package mutating func text(_ name: String, default fallback: String? = nil) -> String {
        let value = read(name) ?? fallback
        if value == nil { problems.append(Setting.Problem(name, "is missing")) }
        effective.append((name, value ?? ""))
        return value ?? ""
    }

    package mutating func optional(_ name: String) -> String? {
        let value = read(name)
        effective.append((name, value ?? ""))
        return value
    }

    package mutating func int(_ name: String, default fallback: Int) -> Int {
        let text = text(name, default: String(fallback))
        guard let value = Int(text) else {
            problems.append(Setting.Problem(name, "must be a whole number"))
            return fallback
        }
        return value
    }

    /// A value that is never printed; `<name>_FILE` may name a file that holds it.
    package mutating func secret(_ name: String, default fallback: String? = nil) -> String {
        known.insert(name + "_FILE")
        var value = read(name)
        if value == nil, let path = environment[name + "_FILE"] {
            do { value = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines) } catch {
                problems.append(Setting.Problem(name + "_FILE", "cannot be read"))
            }
        }
        if value == nil && fallback == nil { problems.append(Setting.Problem(name, "is missing; \(name)_FILE may name a file that holds it")) }
        effective.append((name, value == nil ? "" : "********"))
        return value ?? fallback ?? ""
    }

    /// Shows, in place of a secret's value, what may be known of it; a running service logs it when it starts.
    package mutating func show(_ name: String, _ text: String) {
        effective.removeAll { $0.name == name }
        effective.append((name, text))
        remarks[name] = text
    }

    package mutating func note(_ problem: Setting.Problem) { problems.append(problem) }

    private mutating func read(_ name: String) -> String? {
        known.insert(name)
        return environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Throws all problems together, among them any `LIKA_*` that nobody asked for: a misspelt setting must not pass.
    package func check() throws {
        let free = ["LIKA_KAFKA_", "LIKA_FAILPOINT", "LIKA_MUTANT"]
        let unknown = environment.filter { !$0.value.isEmpty }.keys.filter { name in
            name.hasPrefix("LIKA_") && !known.contains(name) && !free.contains { name.hasPrefix($0) }
        }
        let all = problems + unknown.sorted().map { Setting.Problem($0, "is not a setting of this program") }
        if !all.isEmpty { throw Setting.Problems(all: all) }
    }
}

package enum Setting {
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let name: String
        package let reason: String

        package init(_ name: String, _ reason: String) { (self.name, self.reason) = (name, reason) }
        package var description: String { "\(name) \(reason)" }
    }

    package struct Problems: Error, CustomStringConvertible {
        package let all: [Problem]
        package var description: String { all.map(\.description).joined(separator: "\n") }
    }
}
