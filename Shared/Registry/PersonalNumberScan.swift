import Foundation

extension String {
    /// Whether this free text holds what may be the number of a person: an ID has fifteen digits or more, a mobile eleven, a
    /// card sixteen or more, so eleven in a row are too many, however they are written or spaced (domain.md section 9).
    package var holdsPersonalNumber: Bool {
        var run = 0
        for character in precomposedStringWithCompatibilityMapping.unicodeScalars {
            switch character.properties.generalCategory {
            case .decimalNumber: run += 1
            case .spaceSeparator, .dashPunctuation, .connectorPunctuation, .otherPunctuation, .format, .control: continue
            default: run = 0
            }
            if run >= 11 { return true }
        }
        return false
    }
}
