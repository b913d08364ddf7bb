import Registry

/// The reason codes of closed cases in words that a household understands.
package enum ReasonText {
    /// A code that is not known here is shown as it is: it can be asked about at the counter.
    package static func words(for code: String) -> Label { texts[code] ?? Label("其他原因（代码\(code)）", "another reason (code \(code))") }

    private static let texts = [
        "survey_not_met": Label("入户调查情况不符合规定条件", "the visit found that the conditions are not met"),
        "discrepancy_confirmed": Label("部门核查结果与申报情况不一致，经调查不再符合规定条件", "a department's check differs, and the conditions are no longer met"),
        "doubt_confirmed": Label("经调查，不再符合规定条件", "the conditions are no longer met"),
        "outcome_changed": Label("经调查，属于其他情形，将另行提出并重新评议、公示", "it is another kind of case, which will be proposed and reviewed anew"),
        "rerun_does_not_fit": Label("本年度规定时限内未能完成全部程序，结转下一年度", "the procedure could not be completed in this year's time"),
        "not_passed": Label("评议会议未通过", "the meeting did not pass it"),
        "county_rejected": Label("县扶贫开发领导小组审核未通过", "the county leading group did not confirm it"),
        "deadline": Label("本年度规定时限内未能完成全部程序", "the procedure could not be completed in this year's time"),
    ]
}
