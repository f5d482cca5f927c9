extension Character {
    /// Columns that a terminal gives it: 2 for East Asian wide characters and emoji (Unicode Standard Annex 11), else 1.
    var terminalWidth: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default:
            return 1
        }
    }
}

extension String {
    /// Columns that a terminal gives it.
    var terminalWidth: Int { reduce(0) { $0 + $1.terminalWidth } }

    /// The text with control characters (line ends, escape codes) replaced by spaces.
    var withoutControls: String {
        var clean = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            clean.append(isControl ? " " : scalar)
        }
        return String(clean)
    }

    /// The text in at most `columns` columns, its end replaced by "…" where it is longer.
    func truncated(toColumns columns: Int) -> String {
        if terminalWidth <= columns { return self }
        guard columns > 0 else { return "" }
        var kept = ""
        var width = 1
        for character in self {
            width += character.terminalWidth
            if width > columns { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
