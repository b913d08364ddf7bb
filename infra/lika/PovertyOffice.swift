import Contracts
import Foundation
import IntakeDomain
import Registry

/// The subdistrict's poverty office: issues the plan, brings the sheets in, asks the departments, reports to the county,
/// and here also writes down what the county answers.
struct PovertyOffice: Sendable {
    let plan: Plan
    let suite: Suite
    let sample: URL
    let patience: Double

    // MARK: Plan (R1)

    private struct Issued: Decodable {
        let campaign: CampaignID
        let plan: CampaignPlan
        let findings: [Finding]

        struct Finding: Decodable {
            let stages: [String]
            let en: String
        }
    }

    static func campaign(of plan: Plan, _ suite: Suite) async throws -> CampaignID? {
        try await suite.get(.intake, "/v1/campaigns", as: [Issued].self).first { $0.plan == plan.campaign }?.campaign
    }

    func issuePlan() async throws -> CampaignID {
        if let known = try await Self.campaign(of: plan, suite) { return known }
        let issued = try await suite.post(.intake, "/v1/campaigns", plan.campaign, deed: "issue", as: Issued.self)
        for finding in issued.findings { print("             \(finding.stages.joined(separator: ", ")): \(finding.en)") }
        return issued.campaign
    }

    /// The places by their names, so that sheets and boards can say them.
    func nameDivisions() async throws -> String {
        let sheet = try Data(contentsOf: sample.appending(path: "divisions.csv"))
        try await suite.put(.intake, "/v1/divisions", bytes: sheet, contentType: "text/csv")
        return "\(sheet.split(separator: UInt8(ascii: "\n")).count - 1) divisions"
    }

    private struct KeyRegistration: Encodable {
        let kty, crv, x: String
        let y: String?
        let kid: String
        let use: String?
        let validFrom: Instant
        let validTo: Instant
    }

    /// Each valid for the campaign's year: what departments sign with, and what persons are sealed to where they have one.
    func registerKeys(in folder: URL) async throws {
        guard let from = LocalDate(year: plan.campaign.year, month: 1, day: 1), let to = LocalDate(year: plan.campaign.year + 1, month: 1, day: 1)
        else { throw Plan.Unusable(what: "the year \(plan.campaign.year)") }
        for department in Department.asked {
            let signing = folder.appending(path: "\(department.slug).jwk.json")
            let sealing = folder.appending(path: "\(department.slug).enc.jwk.json")
            for file in [signing] + (FileManager.default.fileExists(atPath: sealing.path) ? [sealing] : []) {
                let key = try PublicKey(reading: file)
                let registration = KeyRegistration(
                    kty: key.kty, crv: key.crv, x: key.x, y: key.y, kid: key.kid, use: key.use, validFrom: from.start, validTo: to.start)
                try await suite.post(.verification, "/v1/departments/\(department.slug)/keys", registration, deed: "key", as: Anything.self)
            }
        }
    }

    // MARK: Sheets in

    private func importSheet(_ kind: String, _ campaign: CampaignID) async throws -> String {
        guard let sheet = Import.Sheet.all.first(where: { $0.kind == kind }) else { throw Plan.Unusable(what: "there is no sheet \(kind)") }
        let bytes = try Data(contentsOf: sample.appending(path: sheet.file))
        let report = try await Import.report(on: Import.send(sheet, bytes, to: suite, campaign: campaign.rawValue), from: suite, patience: patience)
        if report.state != "done" { throw Plan.Unusable(what: "\(sheet.file): \(report.lines(sheet.file).joined(separator: "; "))") }
        let lines = report.lines(sheet.file)
        for fault in lines.dropFirst() { print("           \(fault)") }
        return lines[0]
    }

    func importRegister(_ campaign: CampaignID) async throws -> String {
        let registered = try await importSheet("registered", campaign)
        return try await registered + "; " + importSheet("not_registered", campaign)
    }

    func importChanges(_ campaign: CampaignID) async throws -> String { try await importSheet("changes", campaign) }

    func importMeasures(_ campaign: CampaignID) async throws -> String { try await importSheet("measures", campaign) }

    // MARK: Rosters and survey (R4 to R8)

    private struct Rosters: Decodable {
        let proposed: [String: Int]
    }

    func drawRosters(_ campaign: CampaignID) async throws -> String {
        let rosters = try await suite.post(.intake, "/v1/campaigns/\(campaign)/rosters", Nothing(), deed: "rosters", as: Rosters.self)
        return rosters.proposed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private struct Assessments: Decodable {
        let met: [String: Int]
        let notMet: [String: Int]
        let referred: [CaseID]
        let notSurveyed: [CaseID]
    }

    /// Intake's count of its cases must have reached review before any meeting looks at them.
    func survey(_ campaign: CampaignID) async throws -> String {
        let sheet = try await importSheet("survey", campaign)
        let found = try await suite.post(.intake, "/v1/campaigns/\(campaign)/assessments", Nothing(), deed: "assessments", as: Assessments.self)
        let proposed = try await cases(campaign, excluding: .naturalChange).count
        try await Waiting.until("review to know the \(proposed) surveyed cases", atMost: patience) {
            let counts = try await suite.caseCounts()
            let (known, waiting) = (counts.values.reduce(0, +), counts[.proposed] ?? 0)
            return known == proposed && waiting == 0 ? .there(()) : .notYet("\(known) known, \(waiting) of them not surveyed")
        }
        return sheet + "; met \(found.met.values.reduce(0, +)), not met \(found.notMet.values.reduce(0, +)), left to a person \(found.referred.count), without survey \(found.notSurveyed.count)"
    }

    private struct IntakeCase: Decodable {
        let `case`: CaseID
        let kind: CaseKind
        let status: String
    }

    private func cases(_ campaign: CampaignID, excluding kind: CaseKind) async throws -> [IntakeCase] {
        try await suite.all(.intake, "/v1/cases?campaign=\(campaign)", of: IntakeCase.self).filter { $0.kind != kind }
    }

    // MARK: Departments (R16)

    private struct BatchOrder: Encodable {
        let campaign: CampaignID
    }

    private struct Batch: Decodable {
        let households: Int
    }

    private struct CheckBoard: Decodable {
        let files: [String: Int]
        let unsent: Int
        /// How many requests stand where, by department and status.
        let requests: [String: [String: Int]]

        /// Whether there are questions that no batch has let go.
        var waitsForBatch: Bool { unsent == 0 && requests.values.contains { $0["created"] ?? 0 > 0 } }
    }

    /// Every household on the register and every proposed new one has its file before the batch goes out.
    func sendBatch(_ campaign: CampaignID) async throws -> String {
        let balance = try await suite.get(.intake, "/v1/campaigns/\(campaign)/summary", as: Opening.self)
        let due = balance.opening.households + (balance.cases[CaseKind.new.rawValue]?.values.reduce(0, +) ?? 0)
        try await Waiting.until("\(due) verification files", atMost: patience) {
            let files = try await suite.get(.verification, "/v1/board", as: CheckBoard.self).files
            let (known, waiting) = (files.values.reduce(0, +), files["waiting"] ?? 0)
            return known >= due && waiting == 0 ? .there(()) : .notYet("\(known) files, \(waiting) of them without the plan")
        }
        return "\(try await openBatch(campaign)) households"
    }

    private struct Opening: Decodable {
        let opening: RegisterBalance.Count
        let cases: [String: [String: Int]]
    }

    private func openBatch(_ campaign: CampaignID) async throws -> Int {
        let deed = "batch \(UUID())"
        return try await suite.post(.verification, "/v1/batches", BatchOrder(campaign: campaign), deed: deed, as: Batch.self).households
    }

    // MARK: County (R29, R30)

    private struct CountyReport: Decodable {
        let reported: [CaseID]
        let blocked: [Blocked]

        struct Blocked: Decodable {
            let status: CaseStatus
            let missing: [String]
        }
    }

    /// Reports whatever may be reported until nothing that could be is left behind; says what the others wait for.
    func report(_ campaign: CampaignID) async throws -> String {
        // Whoever was proposed or corrected after the batch is asked about in a further one, as soon as verification has heard of it.
        try await Waiting.until("the departments' answers", atMost: patience) {
            let board = try await suite.get(.verification, "/v1/board", as: CheckBoard.self)
            let open = board.files.reduce(0) { $1.key == "complete" ? $0 : $0 + $1.value }
            if board.waitsForBatch { _ = try await openBatch(campaign) }
            return open == 0 ? .there(()) : .notYet("\(open) households not verified")
        }
        var reported = 0
        try await Waiting.until("a complete gate for every open case", atMost: patience, every: .milliseconds(500)) {
            // A new report each time: what was blocked before may go now.
            let report = try await suite.acting(as: .subdistrict).post(.review, "/v1/reports", Nothing(), deed: "report \(UUID())", as: CountyReport.self)
            reported += report.reported.count
            if report.blocked.isEmpty { return .there(()) }
            let missing = Dictionary(report.blocked.flatMap(\.missing).map { ($0, 1) }, uniquingKeysWith: +)
            return .notYet("\(report.blocked.count) blocked: " + missing.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        return "\(reported) cases"
    }

    private struct CountyAnswers: Encodable {
        let answers: [Answer]

        struct Answer: Encodable {
            let `case`: CaseID
            let answer: String
            let reason: String?
        }
    }

    /// It confirms all but one exit. Answers come in sheets of two hundred.
    func answerForCounty() async throws -> String {
        var rejected = try await suite.cases(.rejected).contains { $0.reason == Self.rejection } ? 0 : 1
        let reported = try await suite.cases(.reported)
        let refused = rejected == 1 ? reported.filter { $0.kind == .exit }.max { $0.sheetOrder < $1.sheetOrder }?.case : nil
        if refused == nil { rejected = 0 }
        let answers = reported.map {
            $0.case == refused
                ? CountyAnswers.Answer(case: $0.case, answer: "rejected", reason: Self.rejection)
                : CountyAnswers.Answer(case: $0.case, answer: "confirmed", reason: nil)
        }
        for start in stride(from: 0, to: answers.count, by: 200) {
            let sheet = CountyAnswers(answers: Array(answers[start..<min(start + 200, answers.count)]))
            try await suite.acting(as: .county).post(.review, "/v1/county-answers", sheet, deed: "county", as: Anything.self)
        }
        return "\(answers.count - rejected) confirmed, \(rejected) rejected"
    }

    private static let rejection = "county_rejected"
}

/// A body that says nothing: `{}`.
struct Nothing: Encodable {}

/// An answer that says nothing of interest.
struct Anything: Decodable {}
