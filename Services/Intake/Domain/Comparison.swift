import Registry

/// What a rule looked at, as it stood: figures as whole numbers, never a quotient.
package enum Comparison: Codable, Equatable, Sendable {
    /// The household's net income in fen against the year's line, in fen per head, times the members.
    case income(net: Money?, year: Int?, line: Money, members: Int)
    /// What the work team ticked for a condition.
    case recorded(as: SurveyFacts.Compliance?)
    case housing(grade: HousingGrade?)
    /// A yes or no of the survey or the register.
    case stated(what: Statement, holds: Bool)
    case standing(is: HouseholdRecord.Standing.Name, status: ExitStatus?)
    case members(count: Int, atLeast: Int)
    /// The day on which something came about against the day of registration.
    case day(on: LocalDate?, registeredOn: LocalDate?)
    /// A cause, by its code, and the year in which it must have come about.
    case cause(code: String?, on: LocalDate?, year: Int)
    case mainCause(code: String?)
    case causes(count: Int, atMost: Int)
    case year(found: Int?, campaign: Int)
    case circumstance(kind: RemovalCircumstance?, exception: Bool)
    /// Person number and reason of a clear-out, by the survey and by the case.
    case clearOut(person: String?, ofCase: String?, reason: String?)

    package enum Statement: String, Codable, CaseIterable, Sendable {
        case acknowledged, agricultural
        case livesHere = "lives_here"

        package var label: Label {
            switch self {
            case .acknowledged: Label("农户认可", "acknowledged by the household")
            case .agricultural: Label("农业户籍", "agricultural registration")
            case .livesHere: Label("农村常住", "lives in the countryside")
            }
        }
    }

    /// As a person reads it; amounts in fen, so that nothing is rounded on the way to the reader either.
    package var label: Label {
        switch self {
        case .income(let net, let year, let line, let members):
            let limit = "\(line.fen) × \(members) = \((line * members).fen)"
            let found = net.map { "\($0.fen)" } ?? "-"
            return Label("纯收入\(year.map { "（\($0)年）" } ?? "")\(found)分，对照\(limit)分", "net income\(year.map { " of \($0)" } ?? "") \(found) fen, against \(limit) fen")
        case .recorded(let compliance):
            return Label("登记：\(compliance?.label.zh ?? "未登记")", "recorded: \(compliance?.label.en ?? "nothing")")
        case .housing(let grade):
            return Label("住房等级：\(grade?.label.zh ?? "未登记")", "housing grade: \(grade.map { "\($0.rawValue), \($0.label.en)" } ?? "not recorded")")
        case .stated(let statement, let holds):
            return Label("\(statement.label.zh)：\(holds ? "是" : "否")", "\(statement.label.en): \(holds ? "yes" : "no")")
        case .standing(let name, let status):
            return Label(status?.label.zh ?? name.label.zh, "\(name.label.en)\(status.map { ", \($0.label.en)" } ?? "")")
        case .members(let count, let least):
            return Label("现有\(count)人，至少\(least)人", "\(count) members, at least \(least)")
        case .day(let day, let registeredOn):
            return Label(
                "发生于\(day?.description ?? "日期不详")，建档于\(registeredOn?.description ?? "日期不详")",
                "on \(day?.description ?? "an unknown day"), registered on \(registeredOn?.description ?? "an unknown day")")
        case .cause(let code, let day, let year):
            let known = code.flatMap { Codes.returnCauses[$0] }
            return Label(
                "\(known?.zh ?? code ?? "未登记")，\(day?.description ?? "日期不详")，须在\(year)年",
                "\(known?.en ?? code ?? "nothing recorded"), \(day?.description ?? "unknown day"), must be of \(year)")
        case .mainCause(let code):
            let known = code.flatMap { Codes.povertyCauses[$0] }
            return Label(known?.zh ?? code ?? "未登记", known?.en ?? code ?? "nothing recorded")
        case .causes(let count, let most):
            return Label("\(count)项，至多\(most)项", "\(count), at most \(most)")
        case .year(let found, let campaign):
            return Label("\(found.map { "\($0)年" } ?? "未登记")，本年度\(campaign)年", "\(found.map { "\($0)" } ?? "nothing recorded"), the campaign's is \(campaign)")
        case .circumstance(let kind, let exception):
            guard let kind else { return Label("未发现", "none recorded") }
            return Label(
                "\(kind.rawValue) \(kind.label.zh)\(exception ? "；例外情形成立" : "")",
                "\(kind.rawValue) \(kind.label.en)\(kind.exception.map { "; exception (\($0)) \(exception ? "stated" : "not stated")" } ?? "; no exception is listed")")
        case .clearOut(let person, let ofCase, let reason):
            let known = reason.flatMap { Codes.memberClearout[$0] }
            return Label(
                "调查\(person ?? "未登记")，案件\(ofCase ?? "无")，\(known?.zh ?? reason ?? "无原因")",
                "surveyed \(person ?? "nobody"), the case's is \(ofCase ?? "nobody"), \(known?.en ?? reason ?? "no reason")")
        }
    }
}

extension HouseholdRecord.Standing {
    package enum Name: String, Codable, CaseIterable, Sendable {
        case outside, registered, closed
        case struckOff = "struck_off"

        package var label: Label {
            switch self {
            case .outside: Label("未建档立卡", "not registered")
            case .registered: Label("建档立卡", "registered")
            case .struckOff: Label("已剔除", "struck off")
            case .closed: Label("已销户", "closed")
            }
        }
    }

    var isRegistered: Bool {
        switch self {
        case .registered: true
        case .outside, .struckOff, .closed: false
        }
    }

    var comparison: Comparison {
        switch self {
        case .outside: .standing(is: .outside, status: nil)
        case .registered(let status): .standing(is: .registered, status: status)
        case .struckOff: .standing(is: .struckOff, status: nil)
        case .closed: .standing(is: .closed, status: nil)
        }
    }
}
