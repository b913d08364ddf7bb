/// What a notice reads, in the language of its recipient.
///
/// The envelope is all that a bystander may see: it says that something is there, never what.
package struct Letter: Equatable, Sendable {
    package let template: Template
    package let language: Language
    package let envelope: String
    /// For the recipient alone.
    package let body: String

    package enum Language: String, Codable, CaseIterable, Sendable {
        case chinese = "zh-CN"
        case english = "en"
    }

    package enum Template: String, Codable, CaseIterable, Sendable {
        case caseConfirmed = "case_confirmed"
        case caseClosed = "case_closed"
        case tipReceived = "tip_received"
        case tipAnswered = "tip_answered"
        case recallDue = "recall_due"
        case deadlineNear = "deadline_near"
        case deadlineMissed = "deadline_missed"
        case deadlineEscalated = "deadline_escalated"
        case answerOverdue = "answer_overdue"

        package var audience: Recipient.Audience {
            switch self {
            case .caseConfirmed, .caseClosed: .household
            case .tipReceived, .tipAnswered: .tip
            case .recallDue: .workTeam
            case .deadlineNear, .deadlineMissed: .department
            case .deadlineEscalated, .answerOverdue: .office
            }
        }

        /// What its event says.
        package var fields: Set<String> {
            switch self {
            case .caseConfirmed: ["kind"]
            case .caseClosed: ["kind", "end", "reason"]
            case .tipReceived: ["day"]
            case .tipAnswered: ["finding"]
            case .recallDue: ["sheets", "day"]
            case .deadlineNear, .deadlineMissed, .deadlineEscalated: ["department", "day", "unanswered"]
            case .answerOverdue: ["number", "day"]
            }
        }
    }

    package init(template: Template, language: Language = .chinese, envelope: String, body: String) {
        (self.template, self.language, self.envelope, self.body) = (template, language, envelope, body)
    }
}
