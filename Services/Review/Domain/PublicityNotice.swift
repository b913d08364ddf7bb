import Contracts
import Foundation
import Registry

/// A list as it hangs in public: all that may stand on a sheet (domain.md section 9), and no room for more. An ID number, a
/// telephone, a birth date, health, income or a cause has no field here.
///
/// Frozen when the window is rendered. Its canonical form is its JSON, fields in the order in which they stand here, without
/// spaces, in UTF-8; the SHA-256 of that is printed on every sheet and stays when the list itself is destroyed.
package struct PublicityNotice: Codable, Equatable, Sendable {
    package let window: WindowID
    package let year: Int
    /// Counted through the campaign.
    package let number: Int
    /// The number of the notice to which this one adds.
    package let supplements: Int?
    package let level: PublicityLevel
    package let community: DivisionCode
    package let days: Int
    package let office: Office
    /// What the places on it are called; nothing in notices from before names were told.
    package let names: DivisionNames?
    package let lines: [Line]

    /// One household.
    package struct Line: Codable, Equatable, Sendable {
        package let kind: CaseKind
        /// The residents' group; with the line's place on the list it tells heads of one name apart.
        package let group: DivisionCode
        package let headName: String
        package let memberCount: Int

        package init(kind: CaseKind, group: DivisionCode, headName: String, memberCount: Int) {
            (self.kind, self.group, self.headName, self.memberCount) = (kind, group, headName, memberCount)
        }

        package init(_ case: ReviewCase) {
            self.init(kind: `case`.kind, group: `case`.division, headName: `case`.household.headName, memberCount: `case`.household.memberCount)
        }
    }

    /// Who posts it, and where tips go (R3).
    package struct Office: Codable, Equatable, Sendable {
        package let name: String
        package let telephone: String?
        package let box: String?

        package init(name: String, telephone: String? = nil, box: String? = nil) { (self.name, self.telephone, self.box) = (name, telephone, box) }
    }

    package init(
        window: WindowID, year: Int, number: Int, supplements: Int? = nil, level: PublicityLevel, community: DivisionCode, days: Int,
        office: Office, names: DivisionNames? = nil, lines: [Line]
    ) {
        self.window = window
        self.year = year
        self.number = number
        self.supplements = supplements
        self.level = level
        self.community = community
        self.days = days
        self.office = office
        self.names = names
        self.lines = lines
    }

    /// As sheets say it: `2018-0007`.
    package var serial: String { yearNumber(number, in: year) }

    /// Where a free text hides what looks like a person's number: JSON pointers. The office's telephone is what it says it is.
    package var unclean: [String] {
        var found = lines.indices.filter { lines[$0].headName.holdsPersonalNumber }.map { "/lines/\($0)/headName" }
        for (place, named) in (names?.all ?? []).enumerated() where named.name.holdsPersonalNumber { found.append("/names/\(place)/name") }
        if office.name.holdsPersonalNumber { found.append("/office/name") }
        if office.box?.holdsPersonalNumber == true { found.append("/office/box") }
        return found
    }
}

/// One numbered sheet of a notice: what one place shows. The page and the PDF say the same, since both are written from this.
package struct NoticeSheet: Equatable, Sendable {
    package let notice: PublicityNotice
    /// Counted from 1 through all copies.
    package let copy: Int
    package let copies: Int
    /// Where it hangs, in the words of the notice's names.
    package let place: String
    package let term: PublicityDays.Term?
    /// Lines with their numbers on the whole list. In a group's place only the group's own hang.
    package let lines: [(number: Int, line: PublicityNotice.Line)]

    package init(_ notice: PublicityNotice, copy: Int, of copies: Int, at place: String, term: PublicityDays.Term?) {
        (self.notice, self.copy, self.copies, self.term) = (notice, copy, copies, term)
        self.place = notice.names?.worded(place) ?? place
        let numbered = notice.lines.enumerated().map { (number: $0 + 1, line: $1) }
        let own = numbered.filter { $0.line.group.code == place }
        lines = own.isEmpty ? numbered : own
    }

    package static func == (a: Self, b: Self) -> Bool {
        (a.notice, a.copy, a.copies, a.place, a.term) == (b.notice, b.copy, b.copies, b.place, b.term)
    }

    // MARK: What it says

    package var title: String {
        "\(notice.year)年贫困对象动态管理\(notice.level == .community ? "社区" : "街道")公示\(notice.supplements == nil ? "" : "（补充）")"
    }

    package var serialText: String {
        let supplement = notice.supplements.map { "，补充第 \(yearNumber($0, in: notice.year)) 号" } ?? ""
        return "公示编号 \(notice.serial)\(supplement)　第 \(copy) 份，共 \(copies) 份"
    }

    package var introduction: String {
        let days = term.map { "公示期\(notice.days)天，自\(Self.text($0.opensOn))起，至\(Self.text(LocalDate($0.closesAt) - 1))止" }
            ?? "公示期\(notice.days)天，自各处全部张贴之日起算"
        let ways = [
            notice.office.telephone.map { "举报电话 \($0)" }, notice.office.box.map { "举报箱：\($0)" }, "或扫描二维码提出异议",
        ].compactMap(\.self).joined(separator: "，")
        return "现将下列名单予以公示。\(days)。公示期内有异议的，请向\(notice.office.name)反映：\(ways)。"
    }

    package static let headings = ["序号", "户主", "人数", "居民小组"]

    /// The kinds in the order of the plan's lists, each with its rows under ``headings``.
    package var tables: [(kind: CaseKind, rows: [[String]])] {
        CaseKind.allCases.compactMap { kind in
            let rows = lines.filter { $0.line.kind == kind }.map { ["\($0.number)", $0.line.headName, "\($0.line.memberCount)", groupName($0.line.group)] }
            return rows.isEmpty ? nil : (kind, rows)
        }
    }

    package var signature: String {
        "\(notice.office.name)　\(notice.names?[notice.community].map { "\($0)　" } ?? "")社区代码 \(notice.community.code)"
    }

    /// Groups have no national code but a suffix of our own (section 11).
    package func groupName(_ group: DivisionCode) -> String {
        notice.names?[group] ?? group.code.split(separator: "-").last.map { group.level == .group ? "第\($0)组" : String($0) } ?? group.code
    }

    private static func text(_ day: LocalDate) -> String { "\(day.year)年\(day.month)月\(day.day)日" }

    /// Everything that the sheet shows, a line for each piece, but its digest and page numbers.
    package var text: String {
        let rows = tables.flatMap { [$0.kind.label.zh] + $0.rows.map { $0.joined(separator: "\t") } }
        return ([title, serialText, place, introduction] + rows + [signature]).joined(separator: "\n")
    }

    /// Whether the final text shows nothing that could be a person's number (section 9), but for what stands there on purpose:
    /// the office's telephone and the codes of divisions.
    package var isClean: Bool {
        let codes = [notice.office.telephone, notice.community.code, place].compactMap(\.self) + lines.map(\.line.group.code)
        let rest = Set(codes.filter { !$0.isEmpty && DivisionCode($0) != nil || $0 == notice.office.telephone }).reduce(text) { $0.replacing($1, with: "§") }
        return rest.split(separator: "\n").allSatisfy { line in line.split(separator: "\t").allSatisfy { !String($0).holdsPersonalNumber } }
    }
}
