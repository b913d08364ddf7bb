import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// Intake on a real PostgreSQL, a campaign issued. Whatever is asked of it is held against `openapi.yaml`.
struct IntakeBench {
    let service: TestService
    let campaign: CampaignID

    static let vault = Vault([UInt8](repeating: 7, count: 32))
    static let openAPI = try! OpenAPI(of: "Intake")

    static func with(_ body: @Sendable (IntakeBench) async throws -> Void) async throws {
        try await TestService.with(Intake.migrations, parts: Intake.parts(vault: vault), now: october10, describedBy: openAPI) { service in
            struct Issued: Decodable { let campaign: CampaignID }
            let answer = try await service.post("/v1/campaigns", plan2018())
            #expect(answer.status == 201)
            try await body(IntakeBench(service: service, campaign: answer.json(Issued.self).campaign))
        }
    }

    func send(_ kind: String, _ bytes: [UInt8], key: String = UUID().uuidString) async throws -> TestService.Answer {
        try await service.post("/v1/imports?campaign=\(campaign)&kind=\(kind)", bytes: bytes, key: key)
    }

    struct Accepted: Decodable { let `import`: ImportID }

    /// Hands a sheet in and takes it through.
    func imported(_ kind: String, _ bytes: [UInt8]) async throws -> ImportReport {
        let answer = try await send(kind, bytes)
        #expect(answer.status == 202, "\(answer.text)")
        return try await through(answer.json(Accepted.self).import)
    }

    func through(_ id: ImportID) async throws -> ImportReport {
        try await eventually {
            try await service.runErrands()
            let report = try await report(id)
            return report.state == .done || report.state == .refused ? report : nil
        }
    }

    func report(_ id: ImportID) async throws -> ImportReport { try await service.get("/v1/imports/\(id)?limit=500").json(ImportReport.self) }

    func register(_ entries: HouseholdEntry...) async throws -> ImportReport {
        try await imported("registered", registeredSheet(entries))
    }

    func survey(_ surveys: [String: SurveyFacts]) async throws {
        _ = try await imported("survey", surveySheet(surveys))
    }

    struct Case: Decodable {
        let `case`: CaseID
        let household: HouseholdID
        let number: String
        let person: String?
        let kind: CaseKind
        let status: String
    }

    func cases() async throws -> [Case] { try await service.get("/v1/cases?campaign=\(campaign)").json([Case].self) }

    func command(_ name: String) async throws -> TestService.Answer {
        try await service.post("/v1/campaigns/\(campaign)/\(name)", [String: String]())
    }

    struct Summary: Decodable {
        let opening: RegisterBalance.Count
        let new: RegisterBalance.Count
        let removed: RegisterBalance.Count
        let naturalIncrease: Int
        let naturalDecrease: Int
        let closing: RegisterBalance.Count
        let counted: RegisterBalance.Count
        let reconciles: Bool
        let closingDue: Int
    }

    func summary() async throws -> Summary { try await service.get("/v1/campaigns/\(campaign)/summary").json(Summary.self) }

    func announce(_ announced: Case, _ kind: CaseKind) async throws {
        try await service.deliver(
            CaseAnnounced(case: announced.case, household: announced.household, campaign: campaign, kind: kind, announcedAt: october10))
    }

    func verify(_ household: HouseholdID, _ outcome: CheckOutcome) async throws {
        try await service.deliver(
            ResultAccepted(
                household: household, campaign: campaign, request: RequestID(UUID()), department: .police, topic: .residence,
                outcome: outcome, acceptedAt: october10),
            VerificationCompleted(household: household, campaign: campaign, discrepant: 0, completedAt: october10))
    }

    // MARK: Sheets

    func registeredSheet(_ entries: [HouseholdEntry], _ kind: RegisterSheet.Kind = .registered) -> [UInt8] {
        sheet(
            [kind.columns.map(\.rawValue)]
                + entries.flatMap { entry in
                    entry.members.map { member in
                        kind.columns.map { RegisterSheet.cell($0, entry, member) }
                    }
                })
    }

    func surveySheet(_ surveys: [String: SurveyFacts]) -> [UInt8] {
        sheet(
            [SurveySheet.Column.allCases.map(\.rawValue)]
                + surveys.sorted { $0.key < $1.key }.map { number, facts in
                    func condition(_ condition: ExitCondition) -> String { facts.conditions[condition]?.rawValue ?? "" }
                    return SurveySheet.Column.allCases.map { column in
                        switch column {
                        case .household: number
                        case .surveyedOn: facts.surveyedOn.description
                        case .incomeYear: facts.income.map { "\($0.year)" } ?? ""
                        case .income: facts.income?.net.description ?? ""
                        case .housing: facts.housing?.rawValue ?? ""
                        case .c1: condition(.income)
                        case .c2: condition(.water)
                        case .c3: condition(.housing)
                        case .c4: condition(.schooling)
                        case .c5: condition(.medicalInsurance)
                        case .c6: condition(.pension)
                        case .acknowledged: facts.acknowledged ? "是" : "否"
                        case .agricultural: facts.isAgricultural ? "是" : "否"
                        case .livesHere: facts.livesHere ? "是" : "否"
                        case .circumstance: facts.circumstance?.kind.rawValue ?? ""
                        case .circumstanceOn: facts.circumstance?.on?.description ?? ""
                        case .clearOutPerson: facts.clearOut?.person ?? ""
                        case .clearOutReason: facts.clearOut?.reason ?? ""
                        case .clearOutOn: facts.clearOut?.on?.description ?? ""
                        case .cause, .causeOn, .mainCause, .otherCauses, .plannedExitYear, .exception, .judgement: ""
                        }
                    }
                })
    }

    func changeSheet(_ rows: [[String]]) -> [UInt8] { sheet([ChangeSheet.Column.allCases.map(\.rawValue)] + rows) }
}

/// A registered household that the analysis puts on the exit roster.
func ready(_ number: String = "53042700001", from sequence: Int = 1) -> HouseholdEntry {
    var household = entry(number, from: sequence)
    (household.income, household.housing) = (YearlyIncome(year: 2017, net: Money(yuan: 30_000)), .a)
    return household
}
