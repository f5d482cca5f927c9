extension Dataset {
    /// A dataset of `count` of these samples.
    ///
    /// Without a seed these are the first ones, with a seed a random choice; their order stays that of this dataset.
    /// With `stratify` every class has the share in the result that it has here (largest remainders settle the rounding).
    ///
    /// - Throws: `DatasetError` where `count` is not in `0...size` or `stratify` meets targets without classes.
    public func take(_ count: Int, stratify: Bool = false, seed: UInt64? = nil) throws -> Dataset {
        guard count >= 0 else { throw DatasetError("cannot take \(count) samples of \(name)") }
        guard count <= size else {
            throw DatasetError(
                "cannot take \(count) samples: \(name) has \(size)", hint: "take(\(size)) has them all")
        }
        return selecting(try choose(count, stratify: stratify, seed: seed))
    }

    /// Cuts the dataset in two: `count` randomly chosen samples as `train`, the others as `test`.
    ///
    /// - Throws: `DatasetError` where either part would be empty or `stratify` meets targets without classes.
    public func split(count: Int, stratify: Bool = false, seed: UInt64 = 0) throws -> DatasetPair {
        guard count > 0, count < size else {
            throw DatasetError(
                "a split at \(count) leaves a part of \(name) empty: it has \(size) samples",
                hint: "give a number in 1...\(max(size - 1, 1)), or a share such as 0.8")
        }
        let first = try choose(count, stratify: stratify, seed: seed)
        var isFirst = [Bool](repeating: false, count: size)
        for position in first { isFirst[Int(position)] = true }
        let second = (0..<Int32(size)).filter { !isFirst[Int($0)] }
        return DatasetPair(name: name, checkedTrain: selecting(first), test: selecting(second))
    }

    /// Cuts the dataset in two at a share of its size, rounded to the nearest number of samples.
    ///
    /// - Throws: `DatasetError` where `fraction` is not between 0 and 1, or as `split(count:stratify:seed:)`.
    public func split(fraction: Double, stratify: Bool = false, seed: UInt64 = 0) throws -> DatasetPair {
        guard fraction > 0, fraction < 1 else {
            throw DatasetError("a split at \(fraction) is no share between 0 and 1", hint: "such as split(0.8)")
        }
        return try split(
            count: Int((fraction * Double(size)).rounded()), stratify: stratify, seed: seed)
    }

    /// The samples in a random order that depends on `seed` alone.
    public func shuffled(seed: UInt64) -> Dataset {
        selecting(epochOrder(count: size, seed: seed, epoch: 0))
    }

    /// The samples that `isIncluded` holds for, by their positions.
    public func filter(_ isIncluded: (_ position: Int) throws -> Bool) rethrows -> Dataset {
        selecting(try (0..<Int32(size)).filter { try isIncluded(Int($0)) })
    }

    /// Only the samples of the classes in `range`, which are numbered anew from 0.
    ///
    /// - Throws: `DatasetError` where `range` names classes that are not there, or the targets are no classes.
    public func keepClasses(_ range: ClosedRange<Int>) throws -> Dataset {
        guard range.lowerBound >= 0, range.upperBound < max(classCount, 1) else {
            guard classCount > 0 else { return try keepClasses([]) }
            throw DatasetError(
                "classes \(range) are not all in \(name), which has the classes 0...\(classCount - 1)")
        }
        return try keepClasses(Array(range))
    }

    /// Only the samples of some classes, which are numbered anew in the order given.
    ///
    /// - Throws: `DatasetError` where a class is not there or given twice, or the targets are no classes.
    public func keepClasses(_ classes: [Int]) throws -> Dataset {
        guard case .classes(let names) = target, let labels else {
            throw DatasetError("\(name) has no classes to keep: its targets are numbers")
        }
        var numbers = [Int32](repeating: -1, count: names.count)
        for (number, label) in classes.enumerated() {
            guard names.indices.contains(label) else {
                throw DatasetError(
                    "class \(label) is not in \(name), which has the classes 0...\(names.count - 1)")
            }
            guard numbers[label] < 0 else { throw DatasetError("class \(label) is given twice") }
            numbers[label] = Int32(number)
        }
        let kept = selecting((0..<Int32(size)).filter { numbers[Int(labels[Int($0)])] >= 0 })
        let before = relabelling ?? (0..<Int32(store.classCount)).map { $0 }
        return Dataset(
            name: name, target: .classes(names: classes.map { names[$0] }), store: store, selection: kept.selection,
            relabelling: before.map { $0 < 0 ? -1 : numbers[Int($0)] }, normalization: normalization)
    }

    /// The same samples converted with other statistics; nil leaves the values of the source.
    public func normalized(by normalization: Normalization?) -> Dataset {
        Dataset(
            name: name, target: target, store: store, selection: selection, relabelling: relabelling,
            normalization: normalization)
    }

    /// Ascending positions of `count` samples: the first ones, or random ones by a seed.
    private func choose(_ count: Int, stratify: Bool, seed: UInt64?) throws -> [Int32] {
        let order =
            seed.map { randomOrder(count: size, seed: $0, epoch: 0, stream: .selection) }
            ?? (0..<Int32(size)).map { $0 }
        guard stratify else { return order.prefix(count).sorted() }
        guard let labels else {
            throw DatasetError("\(name) cannot be stratified: its targets are numbers, not classes")
        }
        var available = [Int](repeating: 0, count: classCount)
        for label in labels { available[Int(label)] += 1 }
        var wanted = proportionalShares(of: count, among: available)
        var chosen: [Int32] = []
        for position in order {
            let label = Int(labels[Int(position)])
            if wanted[label] > 0 {
                wanted[label] -= 1
                chosen.append(position)
            }
        }
        return chosen.sorted()
    }
}

/// Divides `total` in proportion to `weights`; what rounding down leaves goes to the largest remainders, the first of equals.
private func proportionalShares(of total: Int, among weights: [Int]) -> [Int] {
    let sum = weights.reduce(0, +)
    guard sum > 0 else { return weights.map { _ in 0 } }
    var shares = weights.map { total * $0 / sum }
    let remainders = weights.map { total * $0 % sum }
    let left = total - shares.reduce(0, +)
    let byRemainder = weights.indices.sorted {
        remainders[$0] == remainders[$1] ? $0 < $1 : remainders[$0] > remainders[$1]
    }
    for index in byRemainder.prefix(left) { shares[index] += 1 }
    return shares
}

extension SampleStore {
    var classCount: Int {
        switch targets {
        case .classes(_, let names): names.count
        case .values: 0
        }
    }
}
