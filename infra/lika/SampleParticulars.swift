import IntakeDomain
import Registry

/// The rest of what is on file: drawn from a stream of its own, so that it changes nothing of who the people are.
extension SamplePeople {
    /// What a person's age and health suggest.
    mutating func fill(_ particulars: inout Particulars, age: Int, of residentID: ResidentID) {
        particulars.ethnicity = details.pick(["01", "08", "08", "18", "18", "16"])
        particulars.education = education(age)
        let isDisabled = particulars.health.codes.contains("04")
        if isDisabled {
            let kind = details.number(1...7)
            particulars.disability = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"][kind - 1]
            particulars.certificate = DisabilityCertificate("\(residentID.reveal)\(kind)\(details.number(1...4))")
        }
        particulars.skill = (16...64).contains(age) ? (isDisabled ? "05" : details.chance(20) ? "02" : "01") : "04"
        particulars.publicPost = (18...60).contains(age) && details.chance(4) ? details.pick(["保洁员", "护林员", "护路员"]) : nil
        particulars.politics = age >= 18 ? (details.chance(6) ? "中共党员" : "群众") : nil
        particulars.hasSeriousIllnessCover = particulars.insurance == .residents
        particulars.hasPension = age >= 16 ? details.chance(92) : nil
        particulars.isOnSubsistence = details.chance(12)
        particulars.isInExtremePoverty = false
        if age >= 18, details.chance(60) { particulars.phone = phone() }
    }

    mutating func fill(_ entry: inout HouseholdEntry) {
        entry.township = "示例街道"
        entry.floorArea = details.number(20...40) * max(1, entry.members.count / 2)
        entry.water = .init(isSafe: details.chance(95), metres: details.number(0...9) * 100)
        entry.phone = phone()
        entry.traits = .init(isMilitary: details.chance(3), hasOnlyChild: details.chance(10), hasTwoDaughters: details.chance(8))
        if details.chance(70) { entry.account = .init(card: bankCard(), bank: "示例农村信用合作社") }
        guard entry.status != nil else { return }
        entry.standard = "01"
        entry.identifiedYear = entry.registeredOn?.year
        if details.chance(60) { entry.help = details.pick(["挂钩帮扶，发放生猪养殖补助", "落实教育资助和健康扶贫政策", "纳入公益性岗位，发放小额信贷"]) }
    }

    /// What helped the household, in one to four of the years since it was registered.
    mutating func measures(for entry: HouseholdEntry) -> [HouseholdMeasure] {
        let years = details.shuffled(Array(2014...2018)).prefix(details.number(1...4)).sorted()
        return years.map { year in
            let (measure, effect) = details.pick(Self.helped)
            return HouseholdMeasure(household: entry.number, year: year, measure: measure, effect: effect)
        }
    }

    private static let helped = [
        ("INDUSTRY", "发展核桃种植三亩，增收二千元"), ("EMPLOY", "一人转移就业，年增收一万元"), ("TRAIN", "一人参加烹饪培训并结业"),
        ("HOUSEFIX", "危房改造完工入住"), ("EDU", "两名学生获得资助"), ("HEALTH", "家庭医生签约，住院费用报销九成"), ("ECO", "聘为护林员"),
        ("FINANCE", "获小额信贷三万元"), ("WATER", "通自来水"),
    ]

    private func education(_ age: Int) -> String {
        switch age {
        case ..<6: "06"
        case 6...12: "02"
        case 13...15: "03"
        case 16...18: "04"
        case 65...: "01"
        default: age % 3 == 0 ? "02" : age % 7 == 0 ? "04" : "03"
        }
    }

    /// No mobile begins with 140 and has eleven digits.
    private mutating func phone() -> PhoneNumber? { PhoneNumber("140\(Self.padded(details.number(0...99_999_999), 8))") }

    /// No bank's numbers begin with 9999; the last digit fits.
    private mutating func bankCard() -> BankCard {
        while true {
            if let card = BankCard("9999\(Self.padded(details.number(0...999_999_999_999), 12))\(details.number(0...9))"), card.hasCheckDigit {
                return card
            }
        }
    }
}
