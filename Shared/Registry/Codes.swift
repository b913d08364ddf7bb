/// One entry of a code list: what the national system, or this project, calls something.
package struct Code: Hashable, Sendable {
    /// Nothing where the label is accepted but its code was not found.
    package let code: String?
    package let zh: String
    package let en: String
    /// The label was read in the plan or in a public source.
    package let verified: Bool
    /// The code was read in software or records of the national system; otherwise it was chosen here or recalled.
    package let codeVerified: Bool
    /// The entry's code in GB/T 3304, where the national system numbers differently.
    package let standard: String?

    init(_ code: String?, _ zh: String, _ en: String, verified: Bool = true, codeVerified: Bool = false, standard: String? = nil) {
        (self.code, self.zh, self.en) = (code, zh, en)
        (self.verified, self.codeVerified, self.standard) = (verified, codeVerified, standard)
    }
}

/// A list of codes in its official order.
package struct CodeList: Sendable {
    package let name: String
    /// The national system's name of the field, such as `AAC007`.
    package let element: String?
    package let codes: [Code]
    private let byCode: [String: Code]

    init(_ name: String, element: String? = nil, _ codes: [Code]) {
        (self.name, self.element, self.codes) = (name, element, codes)
        byCode = Dictionary(codes.compactMap { code in code.code.map { ($0, code) } }, uniquingKeysWith: { first, _ in first })
    }

    package subscript(_ code: String) -> Code? { byCode[code] }
    /// The entry with this Chinese label, as people write it in the tables.
    package func labelled(_ zh: String) -> Code? { codes.first { $0.zh == zh } }
}

/// What a label reads in the two languages of the suite.
package struct Label: Hashable, Sendable {
    package let zh: String
    package let en: String

    package init(_ zh: String, _ en: String) { (self.zh, self.en) = (zh, en) }
}

/// A question that a department is asked, by what was read in the plan and what is only proposed.
package struct Routing: Hashable, Sendable {
    package let topic: VerificationTopic
    package let verified: Bool

    init(_ topic: VerificationTopic, verified: Bool) { (self.topic, self.verified) = (topic, verified) }
}

/// A yearly income per head that decides.
package struct IncomeLine: Hashable, Sendable {
    package enum Use: String, Codable, CaseIterable, Sendable {
        /// In need is who has less.
        case entry
        /// Out of need is who has more.
        case exit
    }

    package let use: Use
    package let year: Int
    package let amount: Money
    package let verified: Bool
}

extension Department {
    /// The part of a topic's or key's name that stands for this department.
    package var slug: String { rawValue.lowercased() }
    /// Those that the plan names and that verify: the poverty office coordinates, and those not named are optional.
    package static let asked: [Department] = allCases.filter { $0.isNamed && $0 != .poverty }
}

extension CaseKind {
    /// About one member, and so possible beside a case of the whole household.
    package var isAboutMember: Bool { self == .clearOut || self == .naturalChange }
}
