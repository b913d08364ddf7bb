import Contracts
import Foundation
import Postgres
import Registry

/// Whose data a unit of work may see and change: whatever lies in the divisions of an account, or everywhere for the suite itself.
///
/// It is held twice. What a path names is looked up in ``Places``, and who may not have it is told so (403) and written down. And
/// PostgreSQL hides every row that lies elsewhere (policies named `reach`), so that no list, count or search can be forgotten.
package enum Reach: Equatable, Sendable {
    case everywhere
    case within([DivisionCode])

    package func covers(_ division: DivisionCode) -> Bool {
        switch self {
        case .everywhere: true
        case .within(let divisions): divisions.contains { $0.contains(division) }
        }
    }

    /// Whether it is one of the divisions, lies in one, or is around one.
    package func touches(_ division: DivisionCode) -> Bool {
        switch self {
        case .everywhere: true
        case .within(let divisions): divisions.contains { $0.contains(division) || division.contains($0) }
        }
    }

    /// As the setting `lika.reach` has it: nothing for everywhere, else codes with blanks between them. No code is `-`.
    package var setting: String {
        switch self {
        case .everywhere: ""
        case .within(let divisions): divisions.isEmpty ? "-" : divisions.map(\.code).joined(separator: " ")
        }
    }

    /// As ``setting`` wrote it.
    package init(setting: String) {
        self = setting.isEmpty ? .everywhere : .within(setting.split(separator: " ").compactMap { DivisionCode(String($0)) })
    }
}

/// A list of codes, or null for everywhere.
extension Reach: Codable {
    package init(from decoder: any Decoder) throws {
        let divisions = try decoder.singleValueContainer().decode([DivisionCode]?.self)
        self = divisions.map(Reach.within) ?? .everywhere
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .everywhere: try container.encodeNil()
        case .within(let divisions): try container.encode(divisions)
        }
    }
}

extension Call {
    /// For what is for everybody it is everywhere: such a route shows nothing that one may not see.
    package var reach: Reach { isBound ? principal?.reach ?? .everywhere : .everywhere }
}

extension Work {
    /// Hides whatever lies elsewhere from here on, until the transaction ends.
    package func stay(within reach: Reach) throws {
        if reach == self.reach { return }
        try execute("SELECT set_config('lika.reach', \(reach.setting), true)")
        self.reach = reach
    }

    /// For the few questions whose answer must not depend on who asks, such as whether a person is on file already. What it finds
    /// is not for whoever asked.
    package func everywhere<T>(_ look: () throws -> T) throws -> T {
        let own = reach
        try stay(within: .everywhere)
        let found = try look()
        try stay(within: own)
        return found
    }
}

/// Where the things lie that paths name: for each parameter a statement that finds the division of the one with this id, as
/// `division`. A parameter `division` is a place itself; what has no line here is not bound to a place.
package struct Places: Sendable {
    package static let none = Places([:])

    private let divisions: [String: @Sendable (UUID) -> SQL]

    package init(_ divisions: [String: @Sendable (UUID) -> SQL]) { self.divisions = divisions }

    package var parameters: Set<String> { Set(divisions.keys).union(["division"]) }

    /// - Throws: ``Forbidden`` for what lies elsewhere. What is nowhere is for the handler to miss.
    func admit(_ call: Call, in work: Work) throws {
        let reach = call.reach
        if reach == .everywhere { return }
        for (name, value) in call.path {
            let place: DivisionCode? =
                if name == "division" { DivisionCode(value) } else if let find = divisions[name], let id = UUID(uuidString: value) {
                    try work.first(find(id))?["division"]
                } else { nil }
            if let place, !reach.covers(place) { throw Forbidden.elsewhere }
        }
    }
}

extension Forbidden {
    /// It lies outside the divisions of whoever calls.
    package static let elsewhere = Forbidden(
        code: "outside-jurisdiction", mend: "this lies outside the places of your account 不在您的管辖范围内; whoever keeps the accounts can widen them")
}
