import Contracts
import Registry
import ReviewDomain

/// A case as review shows it.
struct ReviewedCase: Decodable, Sendable {
    let `case`: CaseID
    let kind: CaseKind
    let division: DivisionCode
    let headName: String
    let held: Bool
    let discrepancies: [RequestID]
    let missing: [GateItem]
    let communityWindow: WindowID?
    let subdistrictWindow: WindowID?
    let reason: String?

    func isListed(_ level: PublicityLevel) -> Bool {
        switch level {
        case .community: communityWindow != nil
        case .subdistrict: subdistrictWindow != nil
        }
    }

    /// The order of a printed list.
    var sheetOrder: String { "\(division) \(headName) \(`case`)" }
}

extension Suite {
    func cases(_ status: CaseStatus) async throws -> [ReviewedCase] { try await all(.review, "/v1/cases?status=\(status.rawValue)") }

    private struct Board: Decodable {
        let cases: [Count]

        struct Count: Decodable {
            let status: CaseStatus
            let count: Int
        }
    }

    /// Review's cases by where they stand.
    func caseCounts() async throws -> [CaseStatus: Int] {
        let board: Board = try await get(.review, "/v1/board")
        return Dictionary(board.cases.map { ($0.status, $0.count) }, uniquingKeysWith: +)
    }
}
