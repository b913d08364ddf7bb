import ArgumentParser
import Foundation
import IntakeDomain
import Postgres
import Registry
import ServiceKit

/// `lika rehearse`: plays every person of a yearly round, through the services' own APIs.
struct Rehearse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Plays one whole yearly round by the calendar of its plan.",
        discussion: """
            Work teams, committees, meetings, the poverty office, the subdistrict, the county and people who give tips, all over \
            HTTP. It plays no department and closes no window: departments answer for themselves, and windows end by the services' \
            own timers; a department named by --carried has no network, and its files are carried for it, a day late. A step comes at its time of the plan (LIKA_REHEARSAL says how fast time goes) or, if the suite is behind, as \
            soon as what it needs is there. Run again, it takes up where it stopped.

            Exits 1 if anything is stuck, lost or duplicated, or if the year's sums do not reconcile.
            """)

    @Option(help: "The plan of the year, as infra/sample/plan-2018.yaml.")
    var plan: String

    @Option(help: "The folder that `lika sample` wrote.")
    var sample: String

    @Option(help: "The folder of the departments' public keys, <department>.jwk.json, to be registered.")
    var departments: String?

    @Option(help: "A department, as disabled, to which requests are carried as a file; needs --departments.")
    var carried: String?

    @Option(help: "How many real seconds a step may wait, beyond what the plan itself makes it wait.")
    var patience = 120.0

    func run() async throws {
        let began = ContinuousClock.now
        let plan = try Plan(reading: plan)
        let clock = try PlanClock(Surroundings.optional("LIKA_REHEARSAL"))
        let suite = try await Suite(round: "\(plan.campaign.subdistrict) \(plan.campaign.year)", patience: patience)
        let ledger = try Surroundings.ledgerDatabase()
        let failure = try await play(
            Round(
                plan: plan, suite: suite, clock: clock, ledger: ledger, sample: folder(sample), keys: departments.map(folder), carried: carriedDepartment,
                patience: patience))
        let outcome = try await RoundReport.read(ledger)
        let summary = try await YearBalance.read(suite, plan)
        let books = try await Books.read(ledger, Surroundings.kafka())
        await ledger.close()

        print(outcome.table)
        print(outcome.departmentTable)
        print(outcome.turnsTaken)
        print(outcome.whereToLook)
        for line in summary?.lines ?? ["no campaign was issued"] { print(line) }
        for open in outcome.stuck where open.count > 0 { print("stuck: \(open.count) \(open.what)") }
        if let failure { print("failed: \(failure)") }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        print(outcome.lastLine(lost: books.lost, duplicated: books.duplicated, seconds: seconds))
        let isClean = failure == nil && outcome.stuckTotal == 0 && books.lost == 0 && books.duplicated == 0 && summary?.reconciles == true
        if !isClean { throw ExitCode(1) }
    }

    /// Why the round could not be played to its end, if it could not: what was reached is reported all the same.
    private func play(_ round: Round) async throws -> String? {
        do {
            try await round.play()
            return nil
        } catch let failure as Round.Failure { return failure.description }
    }

    private var carriedDepartment: CarriedDepartment? {
        guard let carried, let departments else { return nil }
        return CarriedDepartment(name: carried, keys: folder(departments), facts: folder(sample).appending(path: "departments/\(carried).json"))
    }

    func validate() throws {
        guard let carried else { return }
        guard Department.asked.contains(where: { $0.slug == carried }) else { throw ValidationError("--carried: no department is called \(carried)") }
        guard departments != nil else { throw ValidationError("--carried needs --departments, where its keys lie") }
    }

    private func folder(_ path: String) -> URL { URL(filePath: path, directoryHint: .isDirectory) }
}
