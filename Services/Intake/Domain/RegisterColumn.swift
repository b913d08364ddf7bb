import Registry

extension RegisterSheet {
    /// The columns of the two tables of households; the raw value is the heading.
    package enum Column: String, SheetColumn {
        case household = "户编号"
        case division = "区划代码"
        case attribute = "贫困户属性"
        case township = "所在乡"
        case standard = "识别标准"
        case identifiedYear = "新识别年度"
        case mainCause = "主要致贫原因"
        case otherCauses = "其他致贫原因"
        case returnCause = "返贫原因"
        case status = "脱贫状态"
        case exitYear = "脱贫年度"
        case registeredOn = "建档日期"
        case memberCount = "家庭人口数"
        case headPerson = "户主个人编号"
        case headName = "户主姓名"
        case headID = "户主证件号码"
        case phone = "联系电话"
        case bankCard = "银行卡号"
        case bank = "开户银行"
        case military = "是否军烈属"
        case onlyChild = "是否独生子女户"
        case twoDaughters = "是否双女户"
        case incomeYear = "收入年度"
        case income = "家庭纯收入(元)"
        case housing = "住房等级"
        case floorArea = "住房面积(平方米)"
        case safeWater = "饮水是否安全"
        case waterMetres = "取水距离(米)"
        case help = "受帮扶情况"
        case circumstance = "剔除线索"
        case cause = "变故原因"
        case causeOn = "变故日期"
        case person = "人口编号"
        case name = "姓名"
        case sex = "性别"
        case bornOn = "出生日期"
        case idType = "证件类型"
        case residentID = "证件号码"
        case ethnicity = "民族"
        case relation = "与户主关系"
        case education = "文化程度"
        case studies = "在校生状况"
        case dropout = "失学或辍学原因"
        case health = "健康状况"
        case disability = "残疾类别"
        case certificate = "残疾人证号"
        case skill = "劳动技能"
        case workPlace = "务工所在地"
        case workMonths = "务工时间(月)"
        case publicPost = "公益性岗位类型"
        case politics = "政治面貌"
        case residentInsurance = "是否参加城乡居民基本医疗保险"
        case employeeInsurance = "是否参加城镇职工基本医疗保险"
        case seriousIllnessCover = "是否参加大病保险"
        case pension = "是否参加城乡居民基本养老保险"
        case subsistence = "是否享受低保"
        case extremePoverty = "是否特困供养人员"
        case memberPhone = "本人电话"
        case clearOut = "清退线索"

        /// What a column is, in one place.
        private struct Traits {
            enum Owner { case household, member }
            /// Open to clerks; fixed, since it names the thing or changes by cases only; derived from other columns.
            enum Change { case open, fixed, derived }

            var element: String?
            let owner: Owner
            /// Only the table of registered households has it.
            var isForRegistered = false
            /// A table without it is not read.
            var isRequired = false
            var change = Change.open
            /// Staff see it masked.
            var isMasked = false

            static func household(_ element: String? = nil) -> Traits { Traits(element: element, owner: .household) }
            static func member() -> Traits { Traits(owner: .member) }

            var required: Traits { with { $0.isRequired = true } }
            var registered: Traits { with { $0.isForRegistered = true } }
            var fixed: Traits { with { $0.change = .fixed } }
            var derived: Traits { with { $0.change = .derived } }
            var masked: Traits { with { $0.isMasked = true } }

            private func with(_ change: (inout Traits) -> Void) -> Traits {
                var traits = self
                change(&traits)
                return traits
            }
        }

        private var traits: Traits {
            switch self {
            case .household: .household("AAC001").required.fixed
            case .division: .household().required
            case .attribute: .household("AAC006").required.registered
            case .township: .household("AAR025")
            case .standard: .household("AAC005").registered
            case .identifiedYear: .household("AAR041").registered
            case .mainCause: .household("AAC007").required.registered
            case .otherCauses: .household("AAC008").registered
            case .returnCause: .household("AAC009").registered
            case .status: .household("AAR010").required.registered.fixed
            case .exitYear: .household("AAC023").required.registered.fixed
            case .registeredOn: .household().required.registered.fixed
            case .memberCount: .household("AAC017").derived
            case .headPerson: .household("AAC025").derived
            case .headName: .household("AAC029").derived.masked
            case .headID: .household("AAC031").derived.masked
            case .phone: .household("AAR012").masked
            case .bankCard: .household("AAC004").masked
            case .bank: .household("AAQ002")
            case .military: .household("AAC012")
            case .onlyChild: .household("AAC013")
            case .twoDaughters: .household("AAC014")
            case .incomeYear, .income, .housing, .cause, .causeOn: .household().required
            case .floorArea, .safeWater, .waterMetres, .help: .household()
            case .circumstance: .household().required.registered
            case .person: .member().required.fixed
            case .name, .residentID: .member().required.masked
            case .sex, .bornOn, .idType: .member().derived
            case .relation, .health, .studies, .workPlace, .workMonths, .residentInsurance, .employeeInsurance: .member().required
            case .ethnicity, .education, .dropout, .disability, .skill, .publicPost, .politics, .seriousIllnessCover, .pension,
                .subsistence, .extremePoverty:
                .member()
            case .certificate, .memberPhone: .member().masked
            case .clearOut: .member().required.registered
            }
        }

        package var element: String? { traits.element }
        /// Repeated on every row of the household.
        package var isHouseholds: Bool { traits.owner == .household }
        /// Means something only for households on the register.
        package var isForRegistered: Bool { traits.isForRegistered }
        package var isRequired: Bool { traits.isRequired }
        /// Says nothing that other columns do not say: compared where it is given, and never kept.
        package var isDerived: Bool { traits.change == .derived }
        /// A clerk may change it.
        package var isOpen: Bool { traits.change == .open }
        package var isMasked: Bool { traits.isMasked }

        /// What the API and the events call it.
        package var field: String {
            switch self {
            case .residentID: "idNumber"
            case .household, .person: "number"
            default: "\(self)"
            }
        }
    }
}
