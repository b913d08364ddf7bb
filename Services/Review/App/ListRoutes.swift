import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit
import Sheets

/// The lists that meetings have before them and offices keep (section 10), as workbooks: cases by where they stand, which are the
/// five lists of the internal review, the initial lists, the approval list and the rest; and the ledger of the sheets that hung.
struct ListRoutes {
    func add(to api: API) {
        api.get("/v1/lists/:status/xlsx", writeList)
        api.get("/v1/ledger/xlsx", writeLedger)
    }

    private func writeList(_ call: Call, _ work: Work) throws -> Reply {
        guard let status = CaseStatus(rawValue: try call.parameter("status")) else { throw NotFound("list") }
        let cases = try work.cases(CaseFilter(statuses: [status], kind: try call.choice("kind"), division: try call.division("community")))
        let writer = try XLSXWriter(
            SheetDesign(ReviewWords.of(status).zh, ["序号", "类别", "小组代码", "户主", "人数", "举报暂停", "上报还缺"].map { .init($0) }))
        for (place, item) in cases.inPrintedOrder.enumerated() {
            try writer.append([
                "\(place + 1)", item.kind.label.zh, item.division.code, item.household.headName, "\(item.household.memberCount)",
                item.isHeld ? "是" : "", item.missing.map { ReviewWords.of($0).zh }.joined(separator: "；"),
            ])
        }
        return .workbook(try writer.finish(), name: "list-\(status.rawValue)")
    }

    /// Each numbered copy of each list: who hung it, who took it down, who saw it. It names nobody who is on a list.
    private func writeLedger(_ call: Call, _ work: Work) throws -> Reply {
        let windows = try work.windows(level: try call.choice("level"), stage: nil, division: try call.division("community"))
        let writer = try XLSXWriter(
            SheetDesign("张贴和回收台账", [
                "级别", "社区代码", "状态", "份", "张贴处", "张贴时间", "张贴人", "期满", "去向", "去向时间", "经办人", "见证人", "影像摘要",
            ].map { .init($0) }))
        for window in windows {
            for (index, place) in window.places.enumerated() {
                try writer.append([
                    ReviewWords.of(window.level).zh, window.division.code, ReviewWords.of(window.stage).zh, "\(index + 1)", place.name,
                    place.posted?.at.wallClock ?? "", place.posted?.proof.by ?? "", window.stage.term?.closesAt.wallClock ?? "",
                    place.takenDown.map { ReviewWords.of($0.how).zh } ?? "", place.takenDown?.at.wallClock ?? "", place.takenDown?.proof.by ?? "",
                    place.takenDown?.proof.witness ?? "", place.takenDown?.proof.evidence ?? "",
                ])
            }
        }
        return .workbook(try writer.finish(), name: "ledger")
    }
}
