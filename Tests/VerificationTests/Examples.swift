import Contracts
import Crypto
import Foundation
import Registry

@testable import VerificationDomain

/// Values that several tests speak about.
enum Example {
    static let household = HouseholdID(UUID())
    static let campaign = CampaignID(UUID())
    static let division = DivisionCode("530427001001-03")!
    static let dueOn = LocalDate("2018-11-02")!
    static let now = Instant("2018-10-22T01:00:00.000Z")!
    static let vehicles = Check(.police, .vehicle)
    static let business = Check(.market, .business)

    static func digest(_ text: String) -> Fingerprint {
        Fingerprint(rawValue: SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined())!
    }

    static let sent = digest("the question")
    static let answer = Answer(.consistent, digest("the answer"))

    static func request(_ status: Request.Status = .created, check: Check = vehicles) -> Request {
        Request(
            RequestID(UUID()), household: household, campaign: campaign, check: check, population: .registered, dueOn: dueOn,
            status)
    }

    static func person(_ name: String = "甲某") -> RequestSent.Person {
        RequestSent.Person(member: MemberID(UUID()), name: name, idNumber: "990101199001010011")
    }
}
