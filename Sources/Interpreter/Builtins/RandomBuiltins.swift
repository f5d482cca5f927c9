import Graphs
import Language
import Tensors

/// Builtins that draw random numbers.
///
/// All draw from one stream of the session: Philox by (seed, stream 0, position), in the order of the calls. `seed N`
/// begins a new stream, so a script gives the same numbers each time it runs.
enum RandomBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "randn", ["shape"], "Numbers of the standard normal distribution.",
            example: "randn([2, 3]).shape   # -> [2, 3]"
        ) { arguments in
            let shape = try arguments.shape(0)
            if let noise = try arguments.normalNoise(shape) { return noise }
            return try arguments.machine.created(TensorType(.float64, shape), isRandom: true) {
                try arguments.machine.session.random.normal(shape)
            }
        },
        Builtin(
            "uniform", ["shape", "low: 0", "high: 1"],
            "Numbers from low up to, not including, high; uniform(a...b) is one number of a range.",
            example: "uniform([5]).shape   # -> [5]"
        ) { arguments in
            if case .range(let range) = arguments[0] { return try arguments.uniform(in: range) }
            let shape = try arguments.shape(0)
            let (low, high) = (try arguments.number(1, default: 0), try arguments.number(2, default: 1))
            guard low <= high else { throw arguments.wrong(2, expected: "a number of \(numberText(low)) or more") }
            if let noise = try arguments.uniformNoise(shape, low, high) { return noise }
            return try arguments.machine.created(TensorType(.float64, shape), isRandom: true) {
                let numbers = try arguments.machine.session.random.uniform(shape).doubles
                return try Tensor(numbers.map { low + (high - low) * $0 }, shape: shape)
            }
        },
        Builtin(
            "randint", ["low", "high", "shape: []"], "Whole numbers from low up to, not including, high.",
            example: "randint(0, 1, [3])   # -> [0, 0, 0]"
        ) { arguments in
            let (low, high) = (try arguments.integer(0), try arguments.integer(1))
            guard low < high else { throw arguments.wrong(1, expected: "a whole number over \(low)") }
            let shape = arguments.has(2) ? try arguments.shape(2) : Shape.scalar
            return try arguments.machine.created(TensorType(.float64, shape), isRandom: true) {
                let numbers = try arguments.machine.session.random.uniform(shape).doubles
                return try Tensor(numbers.map { (Double(low) + Double(high - low) * $0).rounded(.down) }, shape: shape)
            }
        },
        Builtin(
            "shuffle", ["values"], "The elements in a random order (Fisher-Yates).",
            example: "len(shuffle([1, 2, 3]))   # -> 3"
        ) { arguments in
            var elements = try arguments.elements(0)
            if arguments.machine.isChecking { return .unknown }
            for index in elements.indices.dropFirst().reversed() {
                elements.swapAt(index, try arguments.position(below: index + 1))
            }
            return try arguments.joined(elements)
        },
        Builtin(
            "choice", ["values"], "One of the elements.", example: "choice([7])   # -> 7"
        ) { arguments in
            let elements = try arguments.elements(0)
            guard !elements.isEmpty else { throw arguments.wrong(0, expected: "at least one element") }
            if arguments.machine.isChecking { return .unknown }
            return elements[try arguments.position(below: elements.count)]
        },
    ]
}

// In a layer that is being trained the numbers are new for each step.
extension Arguments {
    /// One number of a range.
    fileprivate func uniform(in range: RangeValue) throws -> Value {
        for index in [1, 2] where has(index) {
            throw Diagnostic("'uniform' takes its bounds from the range", at: span(index), hint: "leave this out")
        }
        try range.requireOrder(at: span(0))
        if let unit = range.unit {
            throw wrong(0, expected: "a range without a unit", hint: "leave '\(unit.rawValue)' out")
        }
        guard range.lower.isFinite, range.upper.isFinite else { throw wrong(0, expected: "a range with two ends") }
        if let number = try machine.pipeline?.uniform(in: range.lower...range.upper, machine) { return Value(number) }
        return try machine.created(TensorType(.float64, .scalar), isRandom: true) {
            let share = try machine.session.random.uniform(.scalar)[flat: 0]
            return try Tensor(scalar: range.lower + (range.upper - range.lower) * share)
        }
    }

    fileprivate func uniformNoise(_ shape: Shape, _ low: Double, _ high: Double) throws -> Value? {
        guard let unit = try machine.pipeline?.uniform(shape, machine) else { return nil }
        let builder = machine.builder
        return Value(try builder.add(builder.multiply(unit, high - low), low))
    }

    /// Box & Muller (1958).
    fileprivate func normalNoise(_ shape: Shape) throws -> Value? {
        guard let radius = try machine.pipeline?.uniform(shape, machine),
            let angle = try machine.pipeline?.uniform(shape, machine)
        else { return nil }
        let builder = machine.builder
        func apply(_ name: String, _ x: Node) throws -> Node { try builder.apply(Machine.entry(name), [x]) }
        let logarithm = try apply("log", builder.subtract(builder.scalar(1, radius.elementType), radius))
        let distance = try apply("sqrt", builder.multiply(logarithm, -2))
        return Value(try builder.multiply(distance, apply("cos", builder.multiply(angle, 2 * Double.pi))))
    }

    fileprivate func position(below count: Int) throws -> Int {
        let number = try machine.session.random.uniform(.scalar)[flat: 0]
        return min(Int(number * Double(count)), count - 1)
    }
}
