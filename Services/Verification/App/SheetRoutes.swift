import Contracts
import HTTPTypes
import Postgres
import Registry
import ServiceKit
import Sheets
import VerificationDomain

/// Sheets out: what departments found different, for the work team; and what each department signed, for printing. They name
/// the head of the household, as sheets may, and no number of anybody.
struct SheetRoutes {
    func add(to api: API) {
        api.get("/v1/campaigns/:campaign/discrepancies.xlsx", showDiscrepancies)
        api.get("/v1/campaigns/:campaign/reports/:report", showReport)
    }

    /// An accepted answer and the household that it is about.
    private struct Line {
        let answer: GivenAnswer
        let division: String
        let headName: String
    }

    private static let answered = """
        SELECT f.division, f.head_name, \(GivenAnswer.columns)
        FROM requests q JOIN files f USING (household) JOIN accepted_results a ON a.request = q.id AND a.digest = q.answer_digest
        """

    private func lines(_ rows: [Row]) throws -> [Line] {
        try rows.map { Line(answer: try GivenAnswer($0), division: try $0["division"], headName: try $0["head_name"]) }
    }

    // MARK: Discrepancies

    /// A row for each finding that is not consistent: what the work team must look into (section 4.3), and what it must decide
    /// since the department cannot.
    private func showDiscrepancies(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.id("campaign")
        guard try work.isIssued(campaign) else { throw NotFound("campaign \(campaign)") }
        let sheet = try XLSXWriter(SheetDesign("核查差异清单", [
            "社区代码", "区划代码", "户主", "户标识", "部门", "核查事项", "人员标识", "字段", "结论", "差异代码", "说明", "责任人", "职务", "签字时间",
            "收到时间",
        ].map { .init($0) }))
        let found = try lines(work.query(
            """
            \(unsafe: Self.answered)
            WHERE q.campaign = \(campaign) AND q.status = 'accepted' AND q.outcome <> 'consistent'
            ORDER BY f.division, f.household, q.department, q.topic
            """))
        for line in found {
            let result = line.answer.result
            for finding in result.findings where finding.outcome != .consistent {
                try sheet.append([
                    String(line.division.prefix(12)), line.division, line.headName, "\(result.household)", result.department.label.zh,
                    result.topic.label.zh, finding.member?.description ?? "", finding.field, finding.outcome.label.zh, finding.code,
                    finding.remark ?? "", result.signatory, result.post, result.signedAt.wallClock, line.answer.receivedAt.wallClock,
                ])
            }
        }
        return .workbook(try sheet.finish(), name: "discrepancies")
    }

    // MARK: Signed report

    /// Everything that a department signed and that counts, with the digest of the signed bytes, so that paper and log can be
    /// compared.
    private func showReport(_ call: Call, _ work: Work) throws -> Reply {
        let campaign: CampaignID = try call.id("campaign")
        let name = try call.parameter("report")
        guard name.hasSuffix(".xlsx"), let department = Department.asked.first(where: { "\($0.slug).xlsx" == name }) else { throw NotFound("department") }
        guard try work.isIssued(campaign) else { throw NotFound("campaign \(campaign)") }
        let sheet = try XLSXWriter(SheetDesign("\(department.label.zh)核查结果签字表", [
            "区划代码", "户主", "户标识", "核查事项", "结论", "差异说明", "责任人", "职务", "签字时间", "收到时间", "签名密钥", "签名内容摘要",
        ].map { .init($0) }))
        let signed = try lines(work.query(
            """
            \(unsafe: Self.answered)
            WHERE q.campaign = \(campaign) AND q.status = 'accepted' AND q.department = \(department)
            ORDER BY f.division, f.household, q.topic
            """))
        for line in signed {
            let result = line.answer.result
            let found = result.findings.filter { $0.outcome != .consistent }
                .map { [$0.field, $0.code, $0.remark ?? ""].filter { !$0.isEmpty }.joined(separator: " ") }
            try sheet.append([
                line.division, line.headName, "\(result.household)", result.topic.label.zh, result.outcome.label.zh,
                found.joined(separator: "；"), result.signatory, result.post, result.signedAt.wallClock, line.answer.receivedAt.wallClock,
                line.answer.kid, line.answer.digest,
            ])
        }
        return .workbook(try sheet.finish(), name: "report-\(department.slug)")
    }
}

extension CheckOutcome {
    var label: Label {
        switch self {
        case .consistent: Label("一致", "consistent")
        case .discrepant: Label("不一致", "discrepant")
        case .cannotDetermine: Label("无法核定", "cannot be determined")
        }
    }
}
