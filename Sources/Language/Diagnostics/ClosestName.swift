/// The candidate that a mistyped `name` most likely stands for, or `nil` if none is near.
///
/// Near means a Damerau-Levenshtein distance (insertion, deletion, substitution, exchange of neighbours; upper and
/// lower case are the same) of at most a third of the longer name's length, and at least 1. The first of equals wins.
/// Where no name is near by that, one that `name` lengthens (`batch_size` for `batch`, `padding` for `pad`), a word of
/// which it is (`accuracy` for `test_accuracy`), or its abbreviation (`learning_rate` for `lr`) is taken.
public func closestName(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != name {
        let scalars = Array(candidate.lowercased().unicodeScalars.prefix(64))
        let limit = max(1, max(wanted.count, scalars.count) / 3)
        guard abs(scalars.count - wanted.count) <= limit else { continue }
        let distance = editDistance(wanted, scalars)
        // Two one-letter names are never one another's typing error.
        guard distance <= limit, distance < max(wanted.count, scalars.count) else { continue }
        if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.name ?? candidates.first { isRelated(name.lowercased(), $0.lowercased()) }
}

/// Whether one name begins or ends with the other, of three letters at least, or `candidate` has the initials of `name`.
private func isRelated(_ name: String, _ candidate: String) -> Bool {
    guard name != candidate else { return false }
    let (short, long) = name.count < candidate.count ? (name, candidate) : (candidate, name)
    if short.count >= 3, long.hasPrefix(short) || long.hasSuffix("_" + short) { return true }
    let words = name.split(separator: "_")
    return words.count > 1 && String(words.compactMap(\.first)) == candidate
}

/// The number of edits between two texts (optimal string alignment: no substring is edited twice).
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for column in 0..<right.count {
            let substitution = last[column] + (left[row] == right[column] ? 0 : 1)
            var distance = min(substitution, last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current.append(distance)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
