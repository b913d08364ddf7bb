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
        case surveyAssigned = "survey_assigned"
        case recallDue = "recall_due"
        case recallOverdue = "recall_overdue"
        case batchSent = "batch_sent"
        case answerSentBack = "answer_sent_back"
        case deadlineNear = "deadline_near"
        case deadlineMissed = "deadline_missed"
        case deadlineEscalated = "deadline_escalated"
        case recallEscalated = "recall_escalated"
        case answerDue = "answer_due"
        case answerOverdue = "answer_overdue"

        package var audience: Recipient.Audience {
            switch self {
            case .caseConfirmed, .caseClosed: .household
            case .tipReceived, .tipAnswered: .tip
            case .surveyAssigned, .recallDue, .recallOverdue: .workTeam
            case .batchSent, .answerSentBack, .deadlineNear, .deadlineMissed: .department
            case .deadlineEscalated, .recallEscalated, .answerDue, .answerOverdue: .office
            }
        }

        /// What its event says.
        package var fields: Set<String> {
            switch self {
            case .caseConfirmed: ["kind"]
            case .caseClosed: ["kind", "end", "reason"]
            case .tipReceived: ["day"]
            case .tipAnswered: ["finding"]
            case .surveyAssigned: ["day"]
            case .recallDue, .recallOverdue: ["sheets", "day"]
            case .recallEscalated: ["sheets", "day", "community"]
            case .batchSent: ["department", "day", "requests"]
            case .answerSentBack: ["department", "day"]
            case .deadlineNear, .deadlineMissed, .deadlineEscalated: ["department", "day", "unanswered"]
            case .answerDue, .answerOverdue: ["number", "day"]
            }
        }

        /// Whether it may wait for the next digest where a channel has one: nobody's day is over meanwhile.
        package var canWait: Bool {
            switch self {
            case .surveyAssigned, .batchSent, .answerSentBack, .deadlineNear: true
            case .caseConfirmed, .caseClosed, .tipReceived, .tipAnswered, .recallDue, .recallOverdue, .recallEscalated, .deadlineMissed, .deadlineEscalated,
                .answerDue, .answerOverdue:
                false
            }
        }
    }

    package init(template: Template, language: Language = .chinese, envelope: String, body: String) {
        (self.template, self.language, self.envelope, self.body) = (template, language, envelope, body)
    }
}
