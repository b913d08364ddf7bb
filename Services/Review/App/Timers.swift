import Contracts
import Foundation
import Registry
import ReviewDomain
import ServiceKit

/// What falls due in review: the local midnights at which windows end.
func timers(_ config: Config) -> Timers {
    Timers().on(closeTimer, batch: 100) { due, work in
        try closeWindows(due.map { WindowID($0) }, config, work)
    }
}

let closeTimer = "window.close"

/// Ends every window whose last day is over, and lets the cases on its list go on.
func closeWindows(_ ids: [WindowID], _ config: Config, _ work: Work) throws {
    let now = try work.now
    try work.prefetch(PublicityWindow.self, ids)
    let due = try ids.filter { try work.find(PublicityWindow.self, $0)?.isDue(at: now) ?? false }
    let listed = try work.takeListed(due)
    var ends: [WindowID: Instant] = [:]
    for id in due {
        let window = try work.decide(PublicityWindow.self, id) {
            try $0.deciding(.expire(lateAfter: config.lateAfter * config.speed), at: now)
        }
        guard let end = window.stage.term?.closesAt else { continue }
        ends[id] = end
        Metrics.shared.observe("lika_window_close_lateness_seconds", (now - end) / config.speed)
    }
    for (window, id) in listed {
        guard let end = ends[window] else { continue }
        try work.decide(ReviewCase.self, id) { $0.hearing(.windowEnded(window, at: end), at: now) }
    }
    try settle(due, work)
}

/// Settles those of these windows that are over and about whose cases every tip is answered.
func settle(_ ids: [WindowID], _ work: Work) throws {
    let now = try work.now
    let open = try work.openTips(onListsOf: ids)
    for id in ids where open[id] == nil {
        guard case .expired = try work.get(PublicityWindow.self, id).stage else { continue }
        try work.decide(PublicityWindow.self, id) { try $0.deciding(.settle(openTips: 0), at: now) }
    }
}
