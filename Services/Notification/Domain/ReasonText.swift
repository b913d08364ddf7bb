/// The reason codes of closed cases in words that a household understands.
package enum ReasonText {
    /// A code that is not known here is shown as it is: it can be asked about at the counter.
    package static func words(for code: String) -> String { texts[code] ?? "其他原因（代码\(code)）" }

    private static let texts = [
        "survey_not_met": "入户调查情况不符合规定条件",
        "discrepancy_confirmed": "部门核查结果与申报情况不一致，经调查不再符合规定条件",
        "doubt_confirmed": "经调查，不再符合规定条件",
        "outcome_changed": "经调查，属于其他情形，将另行提出并重新评议、公示",
        "rerun_does_not_fit": "本年度规定时限内未能完成全部程序，结转下一年度",
        "not_passed": "评议会议未通过",
        "county_rejected": "县扶贫开发领导小组审核未通过",
        "deadline": "本年度规定时限内未能完成全部程序",
    ]
}
