import Registry

// What a template offers above each column. A column without a list or a word of its own explains itself.

extension RegisterSheet.Column {
    /// The code list that its cells are of.
    package var list: CodeList? {
        switch self {
        case .attribute: Codes.householdAttributes
        case .standard: Codes.identificationStandards
        case .mainCause, .otherCauses: Codes.povertyCauses
        case .returnCause, .cause: Codes.returnCauses
        case .sex: Codes.sex
        case .idType: Codes.idDocumentTypes
        case .ethnicity: Codes.ethnicity
        case .relation: Codes.relations
        case .education: Codes.education
        case .studies: Codes.studentStatus
        case .health: Codes.health
        case .skill: Codes.labourSkill
        case .workPlace: Codes.workPlace
        case .clearOut: Codes.memberClearout
        default: nil
        }
    }

    package var choices: [String] {
        switch self {
        case .status: ExitStatus.allCases.map(\.label.zh)
        case .housing: HousingGrade.allCases.map(\.label.zh)
        case .circumstance: RemovalCircumstance.allCases.map(\.label.zh)
        case .military, .onlyChild, .twoDaughters, .safeWater, .residentInsurance, .employeeInsurance, .seriousIllnessCover, .pension,
            .subsistence, .extremePoverty:
            ["是", "否"]
        default: list?.labels ?? []
        }
    }

    package var note: String? {
        switch self {
        case .household: "同一户的各行须相邻，户信息逐行填写。Rows of one household stand together; its own columns repeat."
        case .division: "县、街道、社区、小组代码，如 530427001001-01"
        case .registeredOn, .causeOn, .bornOn: "yyyy-mm-dd"
        case .income: "元，最多两位小数，不加分隔符"
        case .residentID, .headID: "18位，文本格式"
        case .otherCauses: "最多两项，以、分隔"
        case .health: "可多选，以、分隔"
        case .phone, .memberPhone: "11位手机号，文本格式"
        case .bankCard: "16至19位，文本格式"
        case .memberCount, .headPerson, .headName, .sex, .idType: "可不填；填写时须与其他列一致"
        default: nil
        }
    }
}

extension SurveySheet.Column {
    package var choices: [String] {
        switch self {
        case .housing: HousingGrade.allCases.map(\.label.zh)
        case .c1, .c2, .c3, .c4, .c5, .c6: SurveyFacts.Compliance.allCases.map(\.label.zh)
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

extension MeasureSheet.Column {
    package var choices: [String] { self == .measure ? Codes.measures.labels : [] }
    package var note: String? { self == .year ? "2014-2018" : nil }
}

extension CodeList {
    /// Those that have a code, so that what is chosen can be kept.
    fileprivate var labels: [String] { codes.filter { $0.code != nil }.map(\.zh) }
}
