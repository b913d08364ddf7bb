import IntakeDomain
import Registry

/// Invents people: names at random, ID numbers with an area that no county has and a check character that fits.
struct SamplePeople {
    var random: SampleRandom
    /// A stream beside the first.
    var details: SampleRandom
    private var taken: Set<String> = []
    private let year: Int
    private let area: String

    /// No province begins with 99.
    static let area = "999999"

    /// - Parameter area: Another one gives people of whom none is one of the first.
    init(seed: UInt64, year: Int, area: String = Self.area) {
        (random, details, self.year, self.area) = (SampleRandom(seed: seed), SampleRandom(seed: ~seed), year, area)
    }

    mutating func name(surname: String? = nil) -> String {
        let surname = surname ?? random.pick(Self.surnames)
        let given = random.chance(70) ? random.pick(Self.given) + random.pick(Self.given) : random.pick(Self.given)
        return surname + given
    }

    mutating func residentID(age: Int, isMale: Bool, bornIn months: ClosedRange<Int> = 1...12) -> ResidentID {
        while true {
            let born = (year - age, random.number(months), random.number(1...28))
            let sequence = random.number(0...499) * 2 + (isMale ? 1 : 0)
            let digits = "\(area)\(born.0)\(Self.padded(born.1, 2))\(Self.padded(born.2, 2))\(Self.padded(sequence, 3))"
            let number = digits + String(ResidentID.checkCharacter(digits.compactMap(\.wholeNumberValue)))
            guard taken.insert(number).inserted else { continue }
            do { return try ResidentID(checking: number) } catch { continue }
        }
    }

    /// A head, mostly a spouse, then children and parents, as many as asked for.
    mutating func family(of household: String, size: Int) -> [MemberEntry] {
        let headAge = random.number(28...68)
        let headIsMale = random.chance(75)
        let surname = random.pick(Self.surnames)
        var members: [MemberEntry] = []
        func number() -> String { household + Self.padded(members.count + 1, 2) }
        members.append(person(number(), "01", age: headAge, isMale: headIsMale, surname: surname))
        if random.chance(80) || size > 4 {
            members.append(person(number(), "02", age: max(22, headAge + random.number(-4...4)), isMale: !headIsMale))
        }
        while members.count < size {
            let isMale = random.chance(50)
            if headAge < 55, random.chance(25) {
                members.append(person(number(), isMale ? "11" : "12", age: headAge + random.number(22...30), isMale: isMale, surname: isMale ? surname : nil))
            } else {
                members.append(person(number(), isMale ? "03" : "04", age: max(1, headAge - random.number(22...38)), isMale: isMale, surname: surname))
            }
        }
        return members
    }

    private mutating func person(_ number: String, _ relation: String, age: Int, isMale: Bool, surname: String? = nil) -> MemberEntry {
        let months = (18...60).contains(age) && random.chance(40) ? random.number(3...11) : 0
        let isEmployed = months > 6 && random.chance(20)
        let name = self.name(surname: surname)
        let residentID = self.residentID(age: age, isMale: isMale)
        let health = random.chance(85) ? ["01"] : random.chance(50) ? ["02"] : ["03", "04"]
        var particulars = Particulars(studies: Self.studies(age), insurance: isEmployed ? .employees : .residents)
        // What is drawn keeps the rules of these types.
        do {
            particulars.health = try Health(health)
            particulars.work = try WorkAway(place: months > 0 ? random.pick(["01", "02", "03", "04"]) : nil, months: months)
        } catch { preconditionFailure(error.rawValue) }
        fill(&particulars, age: age, of: residentID)
        return MemberEntry(number: number, name: name, residentID: residentID, relation: relation, particulars: particulars)
    }

    private static func studies(_ age: Int) -> String {
        switch age {
        case 3...5: "02"
        case 6...11: "03"
        case 12: "04"
        case 13: "05"
        case 14: "06"
        case 15: "07"
        case 16: "08"
        case 17: "09"
        default: "01"
        }
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static let surnames = [
        "李", "王", "杨", "张", "刘", "陈", "普", "方", "白", "刀", "施", "罗", "马", "周", "赵", "孙", "郭", "何", "高", "林", "郑", "梁", "谢", "宋",
        "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "肖", "蔡", "潘", "田", "董", "袁", "余", "叶",
    ]
    private static let given = [
        "安", "邦", "昌", "成", "春", "德", "发", "芳", "福", "光", "贵", "国", "海", "和", "红", "华", "辉", "建", "江", "金", "俊", "兰", "良", "林",
        "玲", "龙", "梅", "明", "宁", "平", "琴", "清", "荣", "山", "生", "顺", "涛", "文", "祥", "秀", "学", "雪", "英", "永", "勇", "玉", "云", "珍",
        "志", "忠",
    ]
}
