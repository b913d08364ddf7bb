import Contracts
import Registry

/// One step of the register: how many households and persons it gained or lost, and through what.
package struct Movement: Equatable, Sendable {
    package enum Cause: String, CaseIterable, Sendable {
        /// On the register when the campaign began.
        case opening
        case new, removal, closure
        case clearOut = "clear_out"
        case increase, decrease
    }

    package let cause: Cause
    package let households: Int
    package let persons: Int

    package init(_ cause: Cause, households: Int, persons: Int) { (self.cause, self.households, self.persons) = (cause, households, persons) }

    /// What lies between two states of one household; nothing if the register counts the same.
    package init?(_ cause: Cause, from before: HouseholdRecord, to after: HouseholdRecord) {
        let households = (after.isOnRegister ? 1 : 0) - (before.isOnRegister ? 1 : 0)
        let persons = after.registeredPersons - before.registeredPersons
        guard households != 0 || persons != 0 else { return nil }
        self.init(cause, households: households, persons: persons)
    }
}

extension Mark {
    /// Exit and return change what a household is, not whether it is counted.
    package var movement: Movement.Cause? {
        switch self {
        case .exit, .return: nil
        case .new: .new
        case .removal: .removal
        case .clearOut: .clearOut
        case .increase: .increase
        case .decrease: .decrease
        }
    }
}

/// The sums of the December summary (R31, section 10): opening + new − removed = closing, and natural changes of persons apart.
package struct RegisterBalance: Codable, Equatable, Sendable {
    package struct Count: Codable, Equatable, Sendable {
        package var households: Int
        package var persons: Int

        package init(households: Int = 0, persons: Int = 0) { (self.households, self.persons) = (households, persons) }
    }

    package let opening: Count
    package let new: Count
    /// Struck off, closed, and persons cleared out.
    package let removed: Count
    package let naturalIncrease: Int
    package let naturalDecrease: Int
    /// What the movements add up to.
    package let closing: Count
    /// What stands on the register, counted afresh.
    package let counted: Count

    package var reconciles: Bool { closing == counted }

    package init(_ movements: [Movement], counted: Count) {
        func sum(_ causes: Movement.Cause...) -> Count {
            movements.reduce(into: Count()) { total, movement in
                guard causes.contains(movement.cause) else { return }
                total.households += movement.households
                total.persons += movement.persons
            }
        }
        (opening, new) = (sum(.opening), sum(.new))
        let gone = sum(.removal, .closure, .clearOut)
        removed = Count(households: -gone.households, persons: -gone.persons)
        naturalIncrease = sum(.increase).persons
        naturalDecrease = -sum(.decrease).persons
        closing = Count(
            households: opening.households + new.households - removed.households,
            persons: opening.persons + new.persons - removed.persons + naturalIncrease - naturalDecrease)
        self.counted = counted
    }
}
