import Contracts
import Foundation
import HTTPTypes
import Registry
import ReviewDomain
import ServiceKit
import Sheets

/// The report to the county leading group and what it answers (R29, R30), by API and by sheet.
struct CountyRoutes {
    func add(to api: API) {
        api.post("/v1/reports", report)
        api.get("/v1/reports", list)
        api.get("/v1/reports/:report/sheet", showSheet)
        api.post("/v1/reports/:report/answers", upTo: Bodies.large, takeSheet)
        api.post("/v1/county-answers", upTo: Bodies.large, hear)
        api.get("/v1/cases/:case/certificate", showCertificate)
    }

    // MARK: The report

    private struct Scope: Decodable {
        let community: DivisionCode?
    }

    private struct Report: Encodable {
        let reported: [CaseID]
        let reports: [ReportOnFile]
        let blocked: [Blocked]

        struct Blocked: Encodable {
            let `case`: CaseID
            let kind: CaseKind
            let status: CaseStatus
            let missing: [GateItem]
        }
    }

    /// Reports every case whose gate is complete, each with its certificate, and names for each of the others all that is missing. It
    /// is not made by who surveyed one of them (section 8).
    private func report(_ call: Call, _ work: Work) throws -> Reply {
        let scope: Scope? = call.bytes.isEmpty ? nil : try call.body()
        let now = try work.now
        let open = try work.takeCases(in: CaseStatus.all(in: [.undecided, .decided, .reopened]), of: scope?.community)
        let ready = open.filter(\.isReportable)
        for item in ready { try work.checkHands(of: call, on: item.id) }
        for item in ready { try work.decide(ReviewCase.self, item.id) { try $0.deciding(.report, at: now) } }
        let reports = try Dictionary(grouping: ready, by: \.campaign).sorted { $0.key < $1.key }.map {
            try work.file($0.value, of: $0.key, at: now)
        }
        let blocked = open.filter { !$0.missing.isEmpty }
        return try .json(
            Report(
                reported: ready.map(\.id), reports: reports,
                blocked: blocked.map { .init(case: $0.id, kind: $0.kind, status: $0.status, missing: $0.missing) }))
    }

    private func list(_ call: Call, _ work: Work) throws -> Reply { try .json(work.reports()) }

    /// The certificate's exact text, so that whoever has its digest can compare.
    private func showCertificate(_ call: Call, _ work: Work) throws -> Reply {
        let id: CaseID = try call.id("case")
        guard let certificate = try work.certificate(of: id) else { throw NotFound("certificate of \(id)") }
        return Reply(status: .ok, body: Array(certificate.text.utf8)).with(.certificateDigest, certificate.digest)
    }

    // MARK: The answer

    private struct Answers: Decodable {
        let answers: [Item]

        struct Item: Decodable {
            let `case`: CaseID
            let answer: CountyAnswerSheet.Answer
            let reason: String?
        }

        func check() throws {
            let faults = answers.enumerated().filter { $1.answer == .rejected && $1.reason?.isReasonCode != true }.map { index, _ in
                Invalid.Fault("/answers/\(index)/reason", "reason-code", "a rejection needs a reason as a code, such as exceeds_quota")
            }
            if !faults.isEmpty { throw Invalid(faults) }
        }
    }

    private struct Heard: Encodable {
        var confirmed = 0
        var rejected = 0
        var returned = 0
        /// Of a sheet: rows that say nothing yet.
        var blank: Int?
        /// Of a sheet: rows that were not taken. The others were.
        var faults: [Invalid.Fault]?

        mutating func count(_ answer: CountyAnswerSheet.Answer) {
            switch answer {
            case .confirmed: confirmed += 1
            case .rejected: rejected += 1
            case .returned: returned += 1
            }
        }
    }

    private func hear(_ call: Call, _ work: Work) throws -> Reply {
        let sheet: Answers = try call.body()
        try sheet.check()
        let now = try work.now
        try work.prefetch(ReviewCase.self, sheet.answers.map(\.case))
        var heard = Heard()
        for item in sheet.answers {
            try work.hear(item.answer.command(reason: item.reason), of: item.case, at: now)
            heard.count(item.answer)
        }
        return try .json(heard)
    }

    // MARK: By sheet

    /// The report as a workbook in which the county writes its answers.
    private func showSheet(_ call: Call, _ work: Work) throws -> Reply {
        let report = try work.report(try call.id("report"))
        let writer = try XLSXWriter(CountyAnswerSheet.design)
        for (serial, line) in try work.reportedCases(of: report.report).enumerated() {
            try writer.append(CountyAnswerSheet.row(serial + 1, line.case, line.digest))
        }
        return .workbook(try writer.finish(), name: "report-\(report.number)")
    }

    /// The same workbook back, or its rows as CSV. A row that cannot be taken does not stop the others; a row that says what is
    /// already so changes nothing.
    private func takeSheet(_ call: Call, _ work: Work) throws -> Reply {
        let report = try work.report(try call.id("report"))
        let reading: CountyAnswerSheet
        do { reading = try CountyAnswerSheet(call.bytes) } catch { throw Invalid(error.place, error.code, error.reason) }
        let members = Set(try work.reportedCases(of: report.report).map(\.case.id))
        var heard = Heard(blank: reading.blank, faults: reading.faults)
        let now = try work.now
        try work.prefetch(ReviewCase.self, reading.lines.map(\.case).filter(members.contains))
        for line in reading.lines {
            func refuse(_ code: String, _ reason: String) { heard.faults?.append(.init("/\(line.line)", code, reason)) }
            guard members.contains(line.case) else {
                refuse("county.not-reported", "this case is not in the report")
                continue
            }
            if line.answer.isSaid(of: try work.get(ReviewCase.self, line.case), reason: line.reason) { continue }
            do {
                try work.hear(line.answer.command(reason: line.reason), of: line.case, at: now)
                heard.count(line.answer)
            } catch let refusal as ReviewCase.Refusal {
                refuse(refusal.rawValue, "the case does not take this answer now")
            }
        }
        return try .json(heard)
    }
}

extension Work {
    /// The county's answer to a case. One that comes back is held by what was raised against it while the county had it.
    fileprivate func hear(_ answer: ReviewCase.CountyAnswer, of id: CaseID, at now: Instant) throws {
        let answered = try decide(ReviewCase.self, id) { try $0.deciding(.answer(answer), at: now) }
        guard answered.status == .reopened else { return }
        for tip in try household(answered.household.id, in: answered.campaign).openTips {
            try decide(ReviewCase.self, id) { $0.hearing(.tipRaised(tip), at: now) }
        }
    }
}

extension HTTPField.Name {
    /// SHA-256 of the body, in hexadecimal.
    fileprivate static let certificateDigest = HTTPField.Name("Lika-Digest")!
}
