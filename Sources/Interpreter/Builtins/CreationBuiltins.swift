import Graphs
import Language
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Builtins that make tensors from a rule.
enum CreationBuiltins {
    static let all: [Builtin] = [
        Builtin("zeros", ["shape"], "A tensor of zeros.", example: "zeros([3])   # -> [0, 0, 0]") {
            try $0.filled($0.shape(0), 0)
        },
        Builtin("ones", ["shape"], "A tensor of ones.", example: "ones([3])   # -> [1, 1, 1]") {
            try $0.filled($0.shape(0), 1)
        },
        Builtin("fill", ["shape", "value"], "A tensor of one number.", example: "fill([2], 7)   # -> [7, 7]") {
            try $0.filled($0.shape(0), $0.number(1))
        },
        Builtin(
            "eye", ["n"], "The unit matrix, n by n.", example: "eye(2)   # -> [[1, 0], [0, 1]]"
        ) { arguments in
            let size = try arguments.count(0)
            let (count, overflow) = size.multipliedReportingOverflow(by: size)
            return try arguments.machine.created(TensorType(.float64, [overflow ? Int.max : count])) {
                try .identity(size)
            }.reshapedIfPlaceholder(to: [size, size], arguments)
        },
        Builtin(
            "linspace", ["from", "to", "n"], "n numbers at equal distances, both ends included.",
            example: "linspace(0, 1, 5)   # -> [0, 0.25, 0.5, 0.75, 1]"
        ) { arguments in
            let (lower, upper, count) = (try arguments.number(0), try arguments.number(1), try arguments.count(2))
            return try arguments.machine.created(TensorType(.float64, [count])) {
                try .linearlySpaced(from: lower, to: upper, count: count)
            }
        },
        Builtin(
            "log_range", ["from", "to", "n"], "n numbers at equal ratios, both ends included.",
            example: "log_range(1, 100, 3)   # -> [1, 10, 100]"
        ) { arguments in
            let (lower, upper, count) = (try arguments.number(0), try arguments.number(1), try arguments.count(2))
            guard lower > 0 else { throw arguments.wrong(0, expected: "a number over 0") }
            guard upper > 0 else { throw arguments.wrong(1, expected: "a number over 0") }
            return try arguments.machine.created(TensorType(.float64, [count])) {
                let exponents = try Tensor.linearlySpaced(from: log10(lower), to: log10(upper), count: count).doubles
                var numbers = exponents.map { pow(10, $0) }
                if let last = numbers.indices.last { (numbers[last], numbers[0]) = (count > 1 ? upper : lower, lower) }
                return try Tensor(numbers, shape: [count])
            }
        },
        Builtin(
            "arange", ["from", "to", "step: 1"], "Numbers from the first up to, not including, the second.",
            example: "arange(0, 1, 0.25)   # -> [0, 0.25, 0.5, 0.75]"
        ) { arguments in
            let (lower, upper) = (try arguments.number(0), try arguments.number(1))
            let step = try arguments.number(2, default: 1)
            guard step != 0 else { throw arguments.wrong(2, expected: "a step other than 0") }
            return try arguments.machine.tensorValue(at: arguments.span) {
                try .arithmeticSequence(from: lower, to: upper, step: step)
            }
        },
        Builtin(
            "tensor", ["values"], "A list of numbers or equal rows as a tensor.",
            example: "tensor(1...3)   # -> [1, 2, 3]"
        ) { .tensor(try $0.node(0)) },
        Builtin(
            "float32", ["x"], "The same numbers in single precision.", example: "float32([0.5]).type   # -> \"float32\""
        ) { Value(try $0.machine.builder.convert($0.node(0), to: .float32)) },
        Builtin(
            "float64", ["x"], "The same numbers in double precision.", example: "float64([0.5]).type   # -> \"float64\""
        ) { Value(try $0.machine.builder.convert($0.node(0), to: .float64)) },
    ]
}

extension Arguments {
    fileprivate func filled(_ shape: Shape, _ value: Double) throws -> Value {
        try machine.created(TensorType(.float64, shape)) { try .filled(value, shape: shape) }
    }

    /// A number of elements.
    func count(_ index: Int) throws -> Int {
        let count = try integer(index)
        guard count >= 0 else { throw wrong(index, expected: "a number of 0 or more") }
        return count
    }
}

extension Value {
    fileprivate func reshapedIfPlaceholder(to shape: Shape, _ arguments: Arguments) throws -> Value {
        guard case .tensor(let node) = self, node.shape != shape else { return self }
        return .tensor(try arguments.machine.reshaped(node, to: shape, at: arguments.span))
    }
}
