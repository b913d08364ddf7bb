import Contracts
import Foundation
import IntakeDomain
import Postgres
import Registry
import ReviewDomain
import ServiceKit

/// One yearly round by the plan's calendar (domain.md section 3): who does what, and when.
struct Round: Sendable {
    let plan: Plan
    let suite: Suite
    let clock: PlanClock
    let ledger: Database
    let sample: URL
    let keys: URL?
    let carried: CarriedDepartment?
    let patience: Double

    struct Failure: Error, CustomStringConvertible {
        let step: String
        let reason: String
        var description: String { "\(step): \(reason)" }
    }

    private struct Step: Sendable {
        let at: Instant
        let name: String
        /// Does it, and says in a few words what came of it.
        let act: @Sendable () async throws -> String
    }

    func play() async throws {
        let suite = suite.acting(within: plan.campaign.subdistrict)
        let progress = Progress(clock: clock, suite: suite, ledger: ledger)
        let office = PovertyOffice(plan: plan, suite: suite.acting(as: .povertyOffice), sample: sample, patience: windowPatience)
        let campaign = try await tell(progress, "plan issued") {
            try carried?.makeKeys()
            if let keys { try await office.registerKeys(in: keys) }
            return try await office.issuePlan()
        }
        let people = People(plan: plan, suite: suite.acting(as: .workTeam), campaign: campaign, sample: sample, patience: windowPatience)
        let steps = try calendar(office, people, campaign)
        // Progress and the work team's investigations go on beside the calendar and end with it.
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await progress.watch() }
            group.addTask { try await people.investigateAsTheyCome() }
            group.addTask {
                for step in steps {
                    try await Task.sleep(for: clock.delay(until: step.at))
                    _ = try await tell(progress, step.name, step.act)
                }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            do { while try await group.next() != nil {} } catch is CancellationError {}
        }
    }

    /// What a step may wait for can itself be a window of five days of the plan.
    private var windowPatience: Double { patience + 12 * 86_400 / clock.speed }

    private func tell<Done: Sendable & CustomStringConvertible>(
        _ progress: Progress, _ name: String, _ act: () async throws -> Done
    ) async throws -> Done {
        do {
            let done = try await act()
            progress.did(name, done.description)
            return done
        } catch let cancelled as CancellationError {
            throw cancelled
        } catch {
            throw Failure(step: name, reason: "\(error)")
        }
    }

    private func calendar(_ office: PovertyOffice, _ people: People, _ campaign: CampaignID) throws -> [Step] {
        func step(
            _ name: String, _ stage: Plan.Stage, _ day: Plan.Day = .first, hour: Int = 9, act: @escaping @Sendable () async throws -> String
        ) throws -> Step {
            Step(at: try plan.moment(stage, day, hour: hour), name: name, act: act)
        }
        let late = try carried.map { department in
            [try step("the answers of \(department.name), by courier", .verification, .after(1), hour: 8) { try await department.carry(suite) }]
        } ?? []
        let before = try [
            step("what the places are called", .preparation, hour: 8) { try await office.nameDivisions() },
            step("the two tables of households", .preparation) { try await office.importRegister(campaign) },
            step("rosters", .analysis, .last) { try await office.drawRosters(campaign) },
            step("natural changes", .survey) { try await office.importChanges(campaign) },
            step("measures of help", .survey, hour: 11) { try await office.importMeasures(campaign) },
            step("survey and assessment", .survey, .last, hour: 16) { try await office.survey(campaign) },
            step("internal review", .review) { try await people.hold(.internalReview) },
            step("public review", .review, .last) { try await people.hold(.publicReview) },
            step("initial decision", .initialDecision) { try await people.hold(.initialDecision) },
            step("community lists posted", .communityPublicity, hour: 15) { try await people.hang(.community) },
            step("tips in the community windows", .communityPublicity, .then(1)) { try await people.give(.community) },
            step("requests to the departments", .verification) { try await office.sendBatch(campaign) },
            step("their answers", .communityPublicity, .last) { try await people.answerTips() },
            step("representatives' resolution", .resolution) {
                try await people.awaitEnd(of: .community)
                return try await people.hold(.resolution)
            },
            step("community lists recalled", .resolution, hour: 15) { try await people.takeDown() },
            step("subdistrict approval", .approval, .last) { try await people.hold(.approval) },
            step("subdistrict lists posted", .subdistrictPublicity, hour: 15) { try await people.hang(.subdistrict) },
            step("tips in the subdistrict windows", .subdistrictPublicity, .then(1)) { try await people.give(.subdistrict) },
            step("their answers", .subdistrictPublicity, .last) { try await people.answerTips() },
            step("proposed anew as another kind", .subdistrictPublicity, .after(1), hour: 8) { try await people.startOver() },
            step("supplements for late cases", .subdistrictPublicity, .after(1)) { try await people.supplement() },
            step("the other lists recalled", .subdistrictPublicity, .after(1), hour: 15) {
                for level in PublicityLevel.allCases { try await people.awaitEnd(of: level) }
                return try await people.takeDown()
            },
            step("a household found too late", .verification, hour: 20) { try await people.carryOver() },
        ]
        let after = try [
            step("report to the county", .verification, .after(1)) { try await office.report(campaign) },
            step("the county's answer", .verification, .after(2)) { try await office.answerForCounty() },
            step("announced, told and recorded", .verification, .after(2)) { try await settled(people) },
        ]
        return before + late + after
    }

    /// The rest is the services' own: announcing, telling people, marking the register. Letters somebody carries.
    private func settled(_ people: People) async throws -> String {
        var letters = 0
        return try await Waiting.until("everything settled", atMost: patience, every: .milliseconds(250)) {
            letters += try await people.carryLetters()
            let stuck = try await ledger.transaction(RoundReport.stuck).filter { $0.count > 0 }
            if stuck.isEmpty { return .there("\(letters) letters handed over, nothing is left open") }
            return .notYet(stuck.map { "\($0.count) \($0.what)" }.joined(separator: ", "))
        }
    }
}
