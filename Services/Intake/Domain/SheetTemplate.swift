import Registry

// What a template offers above each column. A column without a list or a word of its own explains itself.

extension RegisterSheet.Column {
    package var choices: [String] {
        switch self {
        case .attribute: Codes.householdAttributes.labels
        case .mainCause: Codes.povertyCauses.labels
        case .status: ExitStatus.allCases.map(\.label.zh)
        case .housing: HousingGrade.allCases.map(\.label.zh)
        case .circumstance: RemovalCircumstance.allCases.map(\.label.zh)
        case .cause: Codes.returnCauses.labels
        case .relation: Codes.relations.labels
        case .health: Codes.health.labels
        case .studies: Codes.studentStatus.labels
        case .workPlace: Codes.workPlace.labels
        case .residentInsurance, .employeeInsurance: ["是", "否"]
        case .clearOut: Codes.memberClearout.labels
        default: []
        }
    }

    package var note: String? {
        switch self {
        case .household: "同一户的各行须相邻，户信息逐行填写。Rows of one household stand together; its own columns repeat."
        case .division: "县、街道、社区、小组代码，如 530427001001-01"
        case .registeredOn, .causeOn: Self.day
        case .income: "元，最多两位小数，不加分隔符"
        case .residentID: "18位，文本格式"
        case .health: "可多选，以、分隔"
        default: nil
        }
    }

    private static let day = "yyyy-mm-dd"
}

extension SurveySheet.Column {
    package var choices: [String] {
        switch self {
        case .housing: HousingGrade.allCases.map(\.label.zh)
        case .c1, .c2, .c3, .c4, .c5, .c6: SurveyFacts.Compliance.allCases.map(\.zh)
        case .acknowledged, .agricultural, .livesHere, .exception: ["是", "否"]
        case .cause: Codes.returnCauses.labels
        case .mainCause, .otherCauses: Codes.povertyCauses.labels
        case .circumstance: RemovalCircumstance.allCases.map(\.label.zh)
        case .clearOutReason: Codes.memberClearout.labels
        case .judgement: ["同意", "不同意"]
        default: []
        }
    }

    package var note: String? {
        switch self {
        case .surveyedOn, .causeOn, .circumstanceOn, .clearOutOn: "yyyy-mm-dd"
        case .income: "元，最多两位小数，不加分隔符"
        case .otherCauses: "最多两项，以、分隔"
        default: nil
        }
    }
}

extension ChangeSheet.Column {
    package var choices: [String] {
        switch self {
        case .reason: Codes.naturalIncrease.labels + Codes.naturalDecrease.labels
        case .relation: Codes.relations.labels
        default: []
        }
    }

    package var note: String? {
        switch self {
        case .on: "yyyy-mm-dd"
        case .name, .residentID: "自然增加人口填写"
        default: nil
        }
    }
}

extension CodeList {
    /// Those that have a code, so that what is chosen can be kept.
    fileprivate var labels: [String] { codes.filter { $0.code != nil }.map(\.zh) }
}
