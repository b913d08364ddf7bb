import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit

/// What falls due in review: the local midnights at which windows end.
func timers(_ config: Config) -> Timers {
    Timers()
        .on(closeTimer) { due, work in try closeWindows(due.map { WindowID($0) }, config, work) }
        .on(recallTimer) { due, work in try remindOfCopies(due.map { WindowID($0) }, work) }
}

let closeTimer = "window.close"
let recallTimer = "window.recall"

/// Ends every window whose last day is over, settles those about whose cases every tip is answered, and lets the cases on their
/// lists go on.
func closeWindows(_ ids: [WindowID], _ config: Config, _ work: Work) throws {
    let now = try work.now
    try work.prefetch(PublicityWindow.self, ids)
    let due = try ids.filter { try work.find(PublicityWindow.self, $0)?.isDue(at: now) ?? false }
    let openTips = try work.openTips(onListsOf: due)
    let listed = try work.takeListed(due)
    var ends: [WindowID: Instant] = [:]
    for id in due {
        let window = try work.decide(PublicityWindow.self, id) {
            try $0.deciding(.expire(lateAfter: config.lateAfter * config.speed), at: now)
        }
        if openTips[id] == nil { try settle(id, work) }
        guard let end = window.stage.term?.closesAt else { continue }
        ends[id] = end
        Metrics.shared.observe("lika_window_close_lateness_seconds", (now - end) / config.speed)
    }
    // "Promptly" is one working day (section 12.5).
    for (day, ended) in Dictionary(grouping: ends, by: { LocalDate($0.value) }) {
        try work.schedule(recallTimer, ended.map(\.key.rawValue), at: (day.adding(workingDays: 1) + 1).start)
    }
    for (window, id) in listed {
        guard let end = ends[window] else { continue }
        try work.decide(ReviewCase.self, id) { $0.hearing(.windowEnded(window, at: end), at: now) }
    }
}

/// Alarms once a day for each list of which a copy is not accounted for in time.
func remindOfCopies(_ ids: [WindowID], _ work: Work) throws {
    try work.prefetch(PublicityWindow.self, ids)
    let left = try ids.compactMap { try work.find(PublicityWindow.self, $0) }.filter { !$0.isTakenDown }
    for window in left {
        Metrics.shared.add("lika_window_copies_overdue_total", Double(window.places.count { $0.takenDown == nil }), ["level": window.level.rawValue])
    }
    try work.schedule(recallTimer, left.map(\.id.rawValue), at: (try work.today + 1).start)
}

/// Settles those of these windows that are over and about whose cases every tip is answered.
func settle(_ ids: [WindowID], _ work: Work) throws {
    let openTips = try work.openTips(onListsOf: ids)
    for id in ids where openTips[id] == nil {
        guard case .expired = try work.get(PublicityWindow.self, id).stage else { continue }
        try settle(id, work)
    }
}

private func settle(_ id: WindowID, _ work: Work) throws {
    let now = try work.now
    try work.decide(PublicityWindow.self, id) { try $0.deciding(.settle(openTips: 0), at: now) }
}
