import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit

/// The scheduler's day: where the round stands, which windows run and what they lack, and what is due.
struct BoardPages {
    func add(to api: API) { api.page("/", of: ReviewPages.all, show) }

    private struct Board {
        let today: String
        let rerun: Rerun?
        let stages: Stages?
        let kinds: [Kind]
        let windows: Windows?
        let meetings: Meetings?
        let tips: Tips
        let none: Bool

        struct Rerun {
            let lastPostingOn: String
            let fits: Bool
        }

        struct Stages { let rows: [Stage] }

        struct Stage {
            let name: Pages.Words
            let from: String
            let to: String
            let isNow: Bool
            let isOver: Bool
        }

        struct Kind {
            let name: Pages.Words
            let code: String
            let open: Int
            let held: Int
            let reopened: Int
            let gate: Int
            let county: Int
            let recorded: Int
            let ended: Int
        }

        struct Windows { let rows: [Window] }

        struct Window {
            let window: String
            let level: Pages.Words
            let community: String
            let stage: Pages.Words
            let cases: Int
            /// Where it must hang and does not, or must be taken down.
            let waiting: [Place]
            let closes: String
            let left: String
            let isLate: Bool
        }

        struct Place { let name: String }

        struct Meetings { let rows: [Called] }

        struct Called {
            let meeting: String
            let kind: Pages.Words
            let community: String
            let at: String
            let place: String
            let isDue: Bool
        }

        struct Tips {
            let open: Int
            let dueToday: Int
            let overdue: Int
            let isOverdue: Bool
            let objections: Objections?
        }

        struct Objections { let rows: [Objection] }

        /// Numbered as intake numbers tips.
        struct Objection {
            let number: String
            let due: String
            let isOverdue: Bool
            let `case`: String
            let kind: Pages.Words
        }
    }

    private static let shownObjections = 50

    private func show(_ call: Call, _ work: Work) throws -> Reply {
        let (now, today) = (try work.now, try work.today)
        let stages = try work.stages().map { stage in
            Board.Stage(
                name: ReviewWords.stage(stage.id), from: stage.from.description, to: stage.to.description,
                isNow: stage.from <= today && today <= stage.to, isOver: stage.to < today)
        }
        let rerun = try work.rerun(on: today).map { Board.Rerun(lastPostingOn: $0.lastPostingOn.description, fits: $0.fits) }
        let tips = try work.tipTally(on: today)
        let objections = try work.openObjections(limit: Self.shownObjections).map {
            Board.Objection(
                number: $0.number.map { [year = $0.year] in yearNumber($0, in: year) } ?? "", due: $0.dueOn.description, isOverdue: $0.dueOn < today,
                case: $0.case.description, kind: ReviewWords.of($0.kind))
        }
        let hanging = try work.windows(level: nil, stage: nil, division: nil).filter { $0.stage.name != "recalled" }
        let called = try work.meetings(MeetingFilter(status: "convened", limit: 500)).sorted { $0.summons.at < $1.summons.at }
        let names = try work.names(of: hanging.map(\.division) + called.map(\.division))
        let windows = hanging.map { Self.shown($0, names, at: now) }
        let meetings = called.map {
            Board.Called(
                meeting: $0.id.description, kind: ReviewWords.of($0.kind), community: names.full($0.division), at: $0.summons.at.wallClock,
                place: $0.summons.place ?? "", isDue: LocalDate($0.summons.at) <= today)
        }
        let kinds = Self.kinds(try work.caseTallies())
        return try ReviewPages.all.show(
            "board",
            Board(
                today: today.description, rerun: rerun, stages: stages.isEmpty ? nil : .init(rows: stages), kinds: kinds, windows: windows.isEmpty ? nil : .init(rows: windows),
                meetings: meetings.isEmpty ? nil : .init(rows: meetings), tips: .init(open: tips.open, dueToday: tips.dueToday, overdue: tips.overdue, isOverdue: tips.overdue > 0,
                    objections: objections.isEmpty ? nil : .init(rows: objections)), none: stages.isEmpty && kinds.isEmpty),
            for: call)
    }

    private static func shown(_ window: PublicityWindow, _ names: DivisionNames, at now: Instant) -> Board.Window {
        let isOver = window.stage.ended != nil
        let waiting = window.places.filter { isOver ? $0.takenDown == nil : $0.posted == nil || $0.missingSince != nil }.map { Board.Place(name: names.worded($0.name)) }
        return Board.Window(
            window: window.id.description, level: ReviewWords.of(window.level), community: names.full(window.division),
            stage: ReviewWords.of(window.stage), cases: window.cases, waiting: waiting,
            closes: window.stage.term?.closesAt.wallClock ?? "",
            left: window.stage.term.map { isOver ? "" : Self.left($0.closesAt - now) } ?? "", isLate: window.stage.ended?.late == true)
    }

    /// Whole days and hours until a window closes.
    private static func left(_ seconds: Double) -> String {
        let hours = Int((max(0, seconds) / 3600).rounded(.up))
        return hours >= 48 ? "\(hours / 24) 天 \(hours % 24) 小时" : "\(hours) 小时"
    }

    private static func kinds(_ tallies: [CaseTally]) -> [Board.Kind] {
        let counts = Dictionary(grouping: tallies, by: \.kind)
        return CaseKind.allCases.compactMap { kind in
            guard let found = counts[kind] else { return nil }
            func sum(_ statuses: [CaseStatus]) -> Int { found.reduce(0) { statuses.contains($1.status) ? $0 + $1.count : $0 } }
            let open = CaseStatus.all(in: [.undecided, .decided])
            return Board.Kind(
                name: ReviewWords.of(kind), code: kind.rawValue, open: sum(open), held: found.reduce(0) { $0 + $1.held },
                reopened: sum([.reopened]), gate: sum([.awaitingGate]), county: sum([.reported, .confirmed, .announced]),
                recorded: sum([.recorded]), ended: sum([.withdrawn, .rejected, .carriedOver]))
        }
    }
}
