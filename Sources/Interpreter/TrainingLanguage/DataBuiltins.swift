import Datasets
import Language
import Tensors

/// Builtins that make data by formula, and cut data.
enum DataBuiltins {
    static let all: [Builtin] = synthetic + selections

    private static let synthetic: [Builtin] = [
        Builtin(
            "xor", ["n: 400", "noise: 0", "test:", "seed: 0"],
            "Points in four quadrants; class 1 where exactly one coordinate is positive.",
            example: "xor(n: 100).train.size   # -> 100"
        ) { arguments in
            try arguments.made(seed: 3) {
                try SyntheticSets.xor(
                    n: $0.integer(0, default: 400), noise: $0.number(1, default: 0), testCount: $0.optionalInteger(2),
                    seed: $1)
            }
        },
        Builtin(
            "circles", ["n: 400", "noise: 0.05", "factor: 0.5", "test:", "seed: 0"],
            "Two circles about the origin, the second of radius factor.",
            example: "circles(n: 100).train.classes   # -> [\"0\", \"1\"]"
        ) { arguments in
            try arguments.made(seed: 4) {
                try SyntheticSets.circles(
                    n: $0.integer(0, default: 400), noise: $0.number(1, default: 0.05),
                    factor: $0.number(2, default: 0.5), testCount: $0.optionalInteger(3), seed: $1)
            }
        },
        Builtin(
            "moons", ["n: 400", "noise: 0.1", "test:", "seed: 0"], "Two interleaved half circles.",
            example: "moons(n: 100).shape   # -> [2]"
        ) { arguments in
            try arguments.made(seed: 3) {
                try SyntheticSets.moons(
                    n: $0.integer(0, default: 400), noise: $0.number(1, default: 0.1),
                    testCount: $0.optionalInteger(2), seed: $1)
            }
        },
        Builtin(
            "spirals", ["n: 400", "noise: 0.02", "arms: 2", "turns: 1.5", "test:", "seed: 0"],
            "Spirals about the origin, a class each.", example: "spirals(n: 90, arms: 3).train.size   # -> 90"
        ) { arguments in
            try arguments.made(seed: 5) {
                try SyntheticSets.spirals(
                    n: $0.integer(0, default: 400), noise: $0.number(1, default: 0.02),
                    arms: $0.integer(2, default: 2), turns: $0.number(3, default: 1.5),
                    testCount: $0.optionalInteger(4), seed: $1)
            }
        },
        Builtin(
            "stripes", ["n: 400", "noise: 0", "count: 4", "test:", "seed: 0"],
            "Vertical stripes of two classes over a square.", example: "stripes(n: 40).test.size   # -> 40"
        ) { arguments in
            try arguments.made(seed: 4) {
                try SyntheticSets.stripes(
                    n: $0.integer(0, default: 400), noise: $0.number(1, default: 0),
                    count: $0.integer(2, default: 4), testCount: $0.optionalInteger(3), seed: $1)
            }
        },
        Builtin(
            "polynomial", ["degree: 3", "n: 100", "noise: 0.1", "test:", "seed: 0"],
            "Noisy points of a polynomial with normal coefficients over -1...1: a regression.",
            example: "polynomial(degree: 2, n: 50).train.size   # -> 50"
        ) { arguments in
            try arguments.made(seed: 4) {
                try SyntheticSets.polynomial(
                    degree: $0.integer(0, default: 3), n: $0.integer(1, default: 100),
                    noise: $0.number(2, default: 0.1), testCount: $0.optionalInteger(3), seed: $1)
            }
        },
        Builtin(
            "noise", ["shape", "n: 64", "classes: 10", "test: 1", "seed: 0"],
            "Normal numbers in samples of a shape, with random labels: to measure with, not to learn from.",
            example: "noise([8, 8, 3], n: 4).train.shape   # -> [8, 8, 3]"
        ) { arguments in
            let shape = try arguments.shape(0).dimensions
            return try arguments.made(seed: 4) {
                try SyntheticSets.noise(
                    sampleShape: shape, classCount: $0.integer(2, default: 10), n: $0.integer(1, default: 64),
                    testCount: $0.integer(3, default: 1), seed: $1)
            }
        },
    ]

    private static let selections: [Builtin] = [
        Builtin(
            "split", ["data", "part", "stratify: false", "seed: 0"],
            "Cuts a training split in two: part samples (or that share, where part is under 1) to train with, the others "
                + "to test with. Of a pair only the training split is cut.",
            example: "moons(n: 100).split(40).test.size   # -> 60"
        ) { arguments in
            let data = try arguments.trainingSplit(0)
            let part = try arguments.number(1)
            let stratify = try arguments.flag(2, default: false)
            let seed = try arguments.seed(3)
            let pair = try arguments.machine.located(arguments.span(1)) {
                part < 1
                    ? try data.split(fraction: part, stratify: stratify, seed: seed)
                    : try data.split(count: try arguments.integer(1), stratify: stratify, seed: seed)
            }
            arguments.machine.noteMissingClasses(
                pair, at: arguments.span, hint: stratify ? nil : "stratify: true takes its share of every class")
            return .object(DatasetPairValue(pair))
        },
        Builtin(
            "take", ["data", "n", "stratify: false", "seed:"],
            "The first n samples, or with a seed n random ones; stratify takes as many of each class. Of a net, up to "
                + "and with the layer of a name: take(net, \"conv2\").",
            example: "moons(n: 100).train.take(10).size   # -> 10"
        ) { arguments in
            if case .string(let path) = arguments[1] {
                return .object(
                    try arguments.network(0).editing(.take(path: path), at: arguments.span, arguments.machine))
            }
            let data = try arguments.dataset(0)
            let count = try arguments.integer(1)
            let stratify = try arguments.flag(2, default: false)
            let seed = arguments.has(3) ? try arguments.seed(3) : nil
            return .object(
                DatasetValue(
                    try arguments.machine.located(arguments.span(1)) {
                        try data.take(count, stratify: stratify, seed: seed)
                    }))
        },
        Builtin(
            "keep_classes", ["data", "classes"],
            "Only the samples of some classes, a range or a list of numbers or names, which are numbered anew from 0.",
            example: "spirals(n: 90, arms: 3).keep_classes([0, 2]).train.size   # -> 60"
        ) { arguments in
            let classes = try arguments.classes(1)
            return try arguments.machine.located(arguments.span(1)) {
                if let pair = arguments.pair(0) { return .object(DatasetPairValue(try pair.keepClasses(classes))) }
                return .object(DatasetValue(try arguments.dataset(0).keepClasses(classes)))
            }
        },
        Builtin(
            "shuffle", ["data", "seed: 0"], "The samples of a split in a random order.",
            example: "moons(n: 100).train.shuffle(seed: 1).size   # -> 100"
        ) { arguments in
            .object(DatasetValue(try arguments.dataset(0).shuffled(seed: try arguments.seed(1))))
        },
        Builtin(
            "batch", ["data", "size"],
            "The samples of a split in order, cut into a list of datasets of that size; the last one may be smaller. .x and "
                + ".y of each are its tensors.",
            example: "moons(n: 100).train.batch(30)[0].x.shape   # -> [30, 2]"
        ) { arguments in
            let data = try arguments.dataset(0)
            let size = try arguments.integer(1)
            guard size > 0 else { throw arguments.wrong(1, expected: "a whole number of 1 or more") }
            return .list(
                stride(from: 0, to: data.size, by: size).map { start in
                    .object(DatasetValue(data.selecting((start..<min(start + size, data.size)).map(Int32.init))))
                })
        },
        Builtin(
            "duplicates", ["data"],
            "Samples that occur more than once, by their contents: of a split .count and .pairs [count, 2] of positions, "
                + "each repeated sample with the first one like it; of a pair also .across and .pairs between training and "
                + "test split.",
            example: "duplicates(moons(n: 100)).across   # -> 0"
        ) { arguments in
            if arguments.machine.isChecking { return .unknown }
            let machine = arguments.machine
            return try machine.located(arguments.span(0)) {
                guard let pair = arguments.pair(0) else {
                    let found = try Duplicates(within: arguments.dataset(0)).pairs
                    return .record(
                        Record([("count", .number(Double(found.count))), ("pairs", try machine.pairs(found))]))
                }
                let across = try Duplicates(across: pair.train, pair.test).pairs
                return .record(
                    Record([
                        ("across", .number(Double(across.count))),
                        ("within_train", .number(Double(try Duplicates(within: pair.train).pairs.count))),
                        ("within_test", .number(Double(try Duplicates(within: pair.test).pairs.count))),
                        ("pairs", try machine.pairs(across)),
                    ]))
            }
        },
        Builtin(
            "normalize", ["data"],
            "Both splits with the training split's mean subtracted and divided by its standard deviation, per channel.",
            example: "moons(n: 100).normalize().train.size   # -> 100"
        ) { arguments in
            guard let pair = arguments.pair(0) else {
                throw arguments.wrong(
                    0, expected: "a training and a test split",
                    hint: "a single split is normalised with the pair that it comes from")
            }
            return .object(
                DatasetPairValue(try arguments.machine.located(arguments.span(0)) { try pair.normalized() }))
        },
    ]
}

extension Arguments {
    /// A synthetic set; argument `seed` is its seed.
    fileprivate func made(
        seed index: Int, _ make: (_ arguments: Arguments, _ seed: UInt64) throws -> DatasetPair
    ) throws -> Value {
        let seed = try self.seed(index)
        return .object(DatasetPairValue(try machine.located(span) { try make(self, seed) }))
    }

    func optionalInteger(_ index: Int) throws -> Int? { has(index) ? try integer(index) : nil }

    /// A seed: a whole number of 0 or more; 0 where it is left out.
    func seed(_ index: Int) throws -> UInt64 {
        guard has(index) else { return 0 }
        guard let seed = UInt64(exactly: try integer(index)) else {
            throw wrong(index, expected: "a whole number of 0 or more")
        }
        return seed
    }

    func pair(_ index: Int) -> DatasetPair? {
        if case .object(let object) = self[index] { return (object as? DatasetPairValue)?.pair }
        return nil
    }

    func dataset(_ index: Int) throws -> Dataset { try machine.dataset(self[index], at: span(index)) }

    /// Class numbers: a range, or a list of numbers or of names.
    fileprivate func classes(_ index: Int) throws -> [Int] {
        if case .range(let range) = self[index] {
            guard let whole = range.whole, !whole.isEmpty else {
                throw wrong(index, expected: "a range of classes such as 0...7")
            }
            return Array(whole)
        }
        let names = try pair(0)?.classNames ?? dataset(0).classNames
        let chosen = try elements(index).map { element in
            if let number = element.plainNumber, let label = wholeNumber(number) { return label }
            guard case .string(let name) = element, let label = names.firstIndex(of: name) else {
                throw wrong(
                    index,
                    expected: "numbers or names of classes: " + names.prefix(12).joined(separator: ", ")
                        + (names.count > 12 ? ", …" : ""))
            }
            return label
        }
        guard !chosen.isEmpty else { throw wrong(index, expected: "at least one class") }
        return chosen
    }

    /// `filter(data, f)`: the samples for which f holds; nil where argument 0 is no dataset.
    func filteredDataset(_ holds: FunctionValue) throws -> Value? {
        func filtered(_ data: Dataset) throws -> Dataset? {
            var isKnown = true
            let result = try data.filter { position in
                try machine.poll()
                guard isKnown else { return false }
                let sample = try machine.sample(data, position, at: span(0))
                let truth = try machine.truth(of: call(holds, sample), at: span(1))
                if truth == nil { isKnown = false }
                return truth ?? false
            }
            return isKnown ? result : nil
        }
        guard case .object(let object) = self[0] else { return nil }
        switch object {
        case let value as DatasetValue:
            if machine.isChecking { return .unknown }
            return try filtered(value.dataset).map { .object(DatasetValue($0)) } ?? .unknown
        case let value as DatasetPairValue:
            if machine.isChecking { return .unknown }
            guard let train = try filtered(value.pair.train), let test = try filtered(value.pair.test) else {
                return .unknown
            }
            return .object(DatasetPairValue(try DatasetPair(name: value.pair.name, train: train, test: test)))
        default: return nil
        }
    }

    /// A split, or of a pair the one to train with.
    func trainingSplit(_ index: Int) throws -> Dataset { try pair(index)?.train ?? dataset(index) }
}

extension Machine {
    /// Pairs of positions as a tensor `[count, 2]`.
    fileprivate func pairs(_ pairs: [(Int, Int)]) throws -> Value {
        .tensor(
            builder.constant(try Tensor(pairs.flatMap { [Double($0.0), Double($0.1)] }, shape: [pairs.count, 2])))
    }
}
