import Registry

/// Something in a plan's calendar that whoever works by it must know, before anyone is hurt (domain.md sections 3 and 4). The
/// dates bind all the same: nothing is shifted, and no window is ever shortened.
package struct PlanFinding: Equatable, Sendable {
    /// Public and never renamed.
    package let code: Code
    /// By their names in the plan, in its order.
    package let stages: [String]
    package let words: Label

    package enum Code: String, CaseIterable, Sendable {
        /// A publicity window has fewer days than the plan promises.
        case windowTooShort = "plan.window-too-short"
        /// The representatives' meeting comes before the community's window can be over.
        case resolutionTooEarly = "plan.resolution-too-early"
        /// A stage begins before the one that it builds on.
        case outOfOrder = "plan.out-of-order"
        /// No second posting fits before the data are frozen, not even one on the first day of publicity.
        case rerunNeverFits = "plan.rerun-never-fits"
        /// The stated length leaves out the first day.
        case lengthWithoutFirstDay = "plan.length-without-first-day"
        /// No way of counting gives the stated length.
        case lengthUnexplained = "plan.length-unexplained"
        case reviewBeforeVerification = "plan.review-before-verification"
        case verificationOutlivesPublicity = "plan.verification-outlives-publicity"
        /// The last day on which a case may start over.
        case lastRerun = "plan.last-rerun"
        /// A decision and the posting that it allows fall on one day.
        case sameDay = "plan.same-day"
        case holiday = "plan.holiday"
        case geolocationBeforeSettled = "plan.geolocation-before-settled"
    }

    package enum Weight: String, CaseIterable, Sendable {
        /// By this calendar the round cannot be held lawfully.
        case impossible
        /// It can, if everyone knows.
        case odd
    }

    package var weight: Weight {
        switch code {
        case .windowTooShort, .resolutionTooEarly, .outOfOrder, .rerunNeverFits: .impossible
        case .lengthWithoutFirstDay, .lengthUnexplained, .reviewBeforeVerification, .verificationOutlivesPublicity, .lastRerun, .sameDay,
            .holiday, .geolocationBeforeSettled:
            .odd
        }
    }
}

extension CampaignPlan {
    /// Everything that is impossible or odd, the impossible first. Stages are known by the names of the 2018 plan; one that is
    /// missing says nothing.
    package var findings: [PlanFinding] {
        var check = PlanCheck(plan: self)
        check.run()
        return check.found.enumerated().sorted { ($0.element.weight == .odd ? 1 : 0, $0.offset) < ($1.element.weight == .odd ? 1 : 0, $1.offset) }
            .map(\.element)
    }

    fileprivate var counting: PublicityDays { PublicityDays(days: publicityDays, countFirstDay: countFirstDay) }
}

private struct PlanCheck {
    let plan: CampaignPlan
    var found: [PlanFinding] = []

    /// The decision track: each builds on the one before it.
    private static let line = [
        "preparation", "analysis", "survey", "review", "initial_decision", "community_publicity", "resolution", "approval", "subdistrict_publicity",
    ]
    private static let windows = ["community_publicity", "subdistrict_publicity"]

    private func stage(_ id: String) -> CampaignPlan.Stage? { plan.stages.first { $0.id == id } }

    private mutating func find(_ code: PlanFinding.Code, _ stages: [String], _ zh: String, _ en: String) {
        found.append(PlanFinding(code: code, stages: stages, words: Label(zh, en)))
    }

    mutating func run() {
        checkOrder()
        checkWindows()
        checkLengths()
        checkVerification()
        checkRerun()
        checkSameDays()
        checkHolidays()
        checkGeolocation()
    }

    private mutating func checkOrder() {
        let stages = Self.line.compactMap(stage)
        for (before, after) in zip(stages, stages.dropFirst()) where after.from < before.from || after.to < before.to {
            find(
                .outOfOrder, [before.id, after.id], "\(after.id) 早于它所依据的 \(before.id)",
                "\(after.id) (\(after.from) to \(after.to)) does not follow \(before.id) (\(before.from) to \(before.to))")
        }
    }

    private mutating func checkWindows() {
        for window in Self.windows.compactMap(stage) where window.days < plan.publicityDays {
            find(
                .windowTooShort, [window.id], "公示只有 \(window.days) 天，应为 \(plan.publicityDays) 天",
                "the window has \(window.days) days and must have \(plan.publicityDays)")
        }
        if let window = stage("community_publicity"), let resolution = stage("resolution") {
            let end = plan.counting.term(postedAt: window.from.start).closesAt
            if resolution.from.start < end {
                find(
                    .resolutionTooEarly, [window.id, resolution.id], "\(window.from) 张贴的公示到 \(LocalDate(end)) 零时才满，\(resolution.from) 议定过早",
                    "what is posted on \(window.from) is over at \(LocalDate(end)) 00:00, after the resolution of \(resolution.from)")
            }
        }
    }

    private mutating func checkLengths() {
        for stage in plan.stages {
            guard let stated = stage.stated, let days = Int(stated.filter(\.isWholeNumber)), days != stage.days else { continue }
            let isShort = days == stage.days - 1
            find(
                isShort ? .lengthWithoutFirstDay : .lengthUnexplained, [stage.id],
                "写明“\(stated)”，首尾都算是 \(stage.days) 天" + (isShort ? "，没有算第一天" : "，怎么算都不对") + "；以日期为准",
                "“\(stated)” is \(stage.days) days with both ends counted" + (isShort ? ", the first day is left out" : ", and no counting explains it")
                    + "; the dates bind")
        }
    }

    private mutating func checkVerification() {
        guard let verification = stage("verification") else { return }
        if let review = stage("review"), review.from < verification.to {
            let entry = stage("entry").flatMap { review.from <= $0.to ? $0 : nil }
            find(
                .reviewBeforeVerification, ["review", "verification"] + (entry.map { [$0.id] } ?? []), "评议在部门复核之前：评议时部门结果未出",
                "the meetings of \(review.from) judge before the departments have answered (\(verification.from) to \(verification.to))")
        }
        if let window = stage("subdistrict_publicity"), verification.to > window.to {
            find(
                .verificationOutlivesPublicity, ["verification", "subdistrict_publicity"], "部门复核到 \(verification.to)，晚于街道公示；\(verification.to + 1) 起方可上报",
                "verification ends on \(verification.to), after the last window (\(window.to)); the report is possible from \(verification.to + 1)")
        }
    }

    private mutating func checkRerun() {
        guard let window = stage("community_publicity") else { return }
        let last = plan.counting.lastRerun(reportingBy: plan.dataFreezeOn)
        if last < window.from {
            find(
                .rerunNeverFits, [window.id], "首次公示 \(window.from) 已来不及在 \(plan.dataFreezeOn) 前走完两次公示",
                "two windows do not fit between \(window.from) and \(plan.dataFreezeOn)")
        } else {
            find(
                .lastRerun, [window.id], "\(last) 后重新公示的，赶不上 \(plan.dataFreezeOn)，须结转或请县里延期",
                "what is posted anew after \(last) cannot be reported by \(plan.dataFreezeOn): it is carried over, or the county extends")
        }
    }

    private mutating func checkSameDays() {
        for (decision, posting) in [("initial_decision", "community_publicity"), ("approval", "subdistrict_publicity")] {
            guard let decided = stage(decision), let posted = stage(posting), decided.to == posted.from else { continue }
            find(
                .sameDay, [decision, posting], "\(posted.from) 当天决定、当天张贴：张贴时间必须晚于决定时间",
                "decided and posted on \(posted.from): the posting must carry the later time")
        }
    }

    /// What falls on the same days every year. Festivals of the lunar calendar are the State Council's to announce.
    private static func holiday(_ day: LocalDate) -> Bool {
        switch (day.month, day.day) {
        case (1, 1), (5, 1), (10, 1...7): true
        default: false
        }
    }

    private mutating func checkHolidays() {
        // A stage that spans others says nothing of its own.
        let working = plan.stages.filter { stage in plan.stages.count { $0 != stage && $0.from >= stage.from && $0.to <= stage.to } < 2 }
        let held = working.filter { stage in (0..<max(0, stage.days)).contains { Self.holiday(stage.from + $0) } }.map(\.id)
        if !held.isEmpty { find(.holiday, held, "含法定节假日；日期不顺延", "public holidays fall in it; no date shifts") }
    }

    private mutating func checkGeolocation() {
        guard let geolocation = stage("geolocation"), let settled = stage("subdistrict_publicity"), geolocation.from <= settled.to else { return }
        find(
            .geolocationBeforeSettled, ["geolocation", "subdistrict_publicity"], "采集开始时名册未定；应采集对象每日按名册更新",
            "it begins before it is settled which households there are; what is required follows the register every day")
    }
}
