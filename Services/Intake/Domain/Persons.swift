import Registry

/// A person stands once in all the books (section 11). Compared by keyed hash, never by number.
package struct PersonRegister {
    private var owners: [PersonHash: String]

    /// - Parameter owners: The household's number for each person already in the books.
    package init(owners: [PersonHash: String]) { self.owners = owners }

    /// Takes the persons of a household in, unless one of them belongs elsewhere already: then it names every such row.
    package mutating func admit(_ persons: [PersonHash], to household: String, lines: [Int]) -> [SheetFault] {
        var faults: [SheetFault] = []
        var seen: Set<PersonHash> = []
        for (person, line) in zip(persons, lines) {
            let column = RegisterSheet.Column.residentID.rawValue
            if !seen.insert(person).inserted {
                faults.append(SheetFault(line, column, "person.id-twice", "this ID number stands twice in the household"))
            } else if let owner = owners[person], owner != household {
                faults.append(SheetFault(line, column, "person.id-elsewhere", "this person already belongs to another household"))
            }
        }
        if faults.isEmpty { for person in persons { owners[person] = household } }
        return faults
    }
}

extension HouseholdRecord {
    /// Why a natural change cannot be proposed for this household.
    package func faults(proposing change: MemberChange, isVerified: Bool) -> [(ChangeSheet.Column, String, String)] {
        var faults: [(ChangeSheet.Column, String, String)] = []
        if !isOnRegister { faults.append((.household, "change.not-registered", "natural changes are of households on the register")) }
        if isVerified {
            faults.append((.household, "change.after-verification", "the police has already answered for this household in this campaign"))
        }
        let member = members.first { $0.number == change.person }
        if change.newcomer != nil {
            if member != nil { faults.append((.person, "person.twice", "this person number already stands in the household")) }
        } else if let member, member.state == .active {
            if Departure(on: change.on, registeredOn: registeredOn) == .clearOut {
                faults.append((.on, "change.before-registration", "gone on or before registration is an error: a clear-out, not a natural decrease"))
            }
        } else {
            faults.append((.person, "person.unknown", "no such person is in the household"))
        }
        return faults
    }
}
