import Graphs
import Tensors

/// How the weights in a file differ from what a net needs.
public struct WeightMismatch: Sendable, Equatable {
    /// A weight of both, with different shapes.
    public struct ShapeMismatch: Sendable, Equatable {
        public let name: String
        public let expected: Shape
        public let found: Shape
    }

    /// Weights of the net that the file lacks.
    public var missing: [String] = []
    /// Weights of the file that the net lacks.
    public var unexpected: [String] = []
    public var shapes: [ShapeMismatch] = []

    public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && shapes.isEmpty }

    init(expected: Weights, found: Weights) {
        for entry in expected.entries {
            guard let tensor = found[entry.name] else {
                missing.append(entry.name)
                continue
            }
            if tensor.shape != entry.tensor.shape {
                shapes.append(ShapeMismatch(name: entry.name, expected: entry.tensor.shape, found: tensor.shape))
            }
        }
        unexpected = found.entries.map(\.name).filter { expected[$0] == nil }
    }

    /// The difference as an error about `file`.
    func error(file: String) -> OperationError {
        var expected: [String] = []
        var found: [String] = []
        for mismatch in shapes.prefix(WeightMismatch.listed) {
            expected.append("\(mismatch.name) \(mismatch.expected)")
            found.append("\(mismatch.name) \(mismatch.found)")
        }
        if !missing.isEmpty {
            expected.append(WeightMismatch.list(missing))
            found.append("\(missing.count == 1 ? "no such weight" : "none of these")")
        }
        if !unexpected.isEmpty {
            expected.append("nothing else")
            found.append("also \(WeightMismatch.list(unexpected))")
        }
        let counts = [
            (missing.count, "missing"), (unexpected.count, "unexpected"), (shapes.count, "of another shape"),
        ]
        let reasons = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return OperationError(
            "the weights in '\(file)' do not fit the net: \(reasons)", expected: expected.joined(separator: "; "),
            found: found.joined(separator: "; "),
            hint: "load them into the net that they were saved from, and change its layers afterwards")
    }

    private static let listed = 8

    /// The first names of a list, and how many more there are.
    public static func list(_ names: [String]) -> String {
        let rest = names.count - listed
        return names.prefix(listed).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// The error for a selector without effect; `argument` is the setting that it was given to.
    public static func selectsNothing(
        _ selector: Selector, among names: [String], argument: String? = nil
    ) -> OperationError {
        OperationError(
            "\"\(selector)\" selects none of the net's weights", expected: "one of \(list(names))",
            hint: "* stands for any characters of a component, ** for any components", argument: argument)
    }
}
