/// A text about a person that may be used but not shown: printing, interpolating, dumping or logging it yields its kind
/// alone. Read it through ``reveal``, so that a search for that word finds every place where it can leave.
package protocol Concealed: Codable, Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What it is, in place of what it says.
    static var kind: String { get }
    init?(_ text: String)
    var reveal: String { get }
    /// What staff may see of it in a list.
    var masked: Masked { get }
}

extension Concealed {
    package var description: String { "<\(Self.kind)>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    package init(from decoder: any Decoder) throws { self = try decoder.parsed("a \(Self.kind)", Self.init(_:)) }
    package func encode(to encoder: any Encoder) throws { try encoder.write(reveal) }
}

/// What may be shown of a sensitive value. It can be written and never read, so that nothing masked is saved back.
package struct Masked: Hashable, Sendable, Encodable, CustomStringConvertible {
    package let description: String

    private init(_ text: String) { description = text }

    package func encode(to encoder: any Encoder) throws { try encoder.write(description) }

    /// The surname and a star: `王*`, `欧阳*`.
    package static func name(_ name: String) -> Masked {
        let surname = compoundSurnames.contains(String(name.prefix(2))) && name.count > 2 ? name.prefix(2) : name.prefix(1)
        return Masked(name.count < 2 ? "*" : "\(surname)*")
    }

    /// The first and the last characters, and stars for the others, as many as there are.
    package static func middle(of text: String, keeping first: Int, _ last: Int) -> Masked {
        let hidden = text.count - first - last
        guard hidden > 0 else { return Masked(String(repeating: "*", count: text.count)) }
        return Masked("\(text.prefix(first))\(String(repeating: "*", count: hidden))\(text.suffix(last))")
    }

    /// The surnames of two characters that are borne today.
    private static let compoundSurnames: Set<String> = [
        "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳",
        "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "令狐", "亓官", "司寇", "呼延", "左丘", "东郭",
        "西门", "百里", "东门", "南门", "第五", "轩辕", "拓跋", "完颜", "耶律", "淳于", "单于", "公西", "颛孙", "壤驷", "漆雕", "乐正", "宰父", "谷梁", "夹谷",
        "段干", "巫马", "归海", "梁丘", "微生",
    ]
}
