/// What somebody is in the yearly review, as far as it decides what they may do (domain.md section 8).
package enum Role: String, Codable, CaseIterable, Comparable, Sendable {
    /// 驻村工作队, 动态管理工作组: rosters, survey, meetings called and lists posted, tips looked into.
    case workTeam = "work_team"
    /// 社区信息员: enters, corrects and locates.
    case clerk
    /// 社区"两委": internal review and initial lists; also the minutes of the groups' and the representatives' meetings.
    case committee
    /// 扶贫办: issues the plan, splits and accepts the verification, supervises.
    case povertyOffice = "poverty_office"
    /// 街道领导: re-checks, approves, posts and reports.
    case subdistrict
    /// 县扶贫开发领导小组: confirms, returns.
    case county
    /// 部门: sees and answers its own requests.
    case department
    /// One service of the suite that asks another.
    case service

    package var label: Label {
        switch self {
        case .workTeam: Label("工作队", "work team")
        case .clerk: Label("社区信息员", "community clerk")
        case .committee: Label("社区“两委”", "community committees")
        case .povertyOffice: Label("扶贫办", "poverty office")
        case .subdistrict: Label("街道", "subdistrict")
        case .county: Label("县领导小组", "county leading group")
        case .department: Label("部门", "department")
        case .service: Label("系统服务", "service")
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
