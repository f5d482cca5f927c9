import Tensors

/// Takes out of sums and means what is the same for all that is summed:
///
///     sum(c * x) is c * sum(x)      sum(x / c) is sum(x) / c
///     sum(-x)    is -sum(x)         sum(x - mean(x)) is 0
///
/// The derivative of a normalisation is full of these. What is left are few sums over large tensors, many of them equal.
package enum SumFactoring {
    package static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        try builder.rewrite(roots) { node, _ in
            guard node.isSymbolicSum else { return node }
            let axes = try ShapeRules.axes(node.attributes, of: node.inputs[0].shape, for: node.operation.name)
            guard node.inputs[0].shape.count > 0 else { return node }
            let result = try Factoring(builder: builder, operation: node.operation, axes: axes, type: node.type)
                .sum(of: node.inputs[0])
            return result?.type == node.type ? result ?? node : node
        }
    }

    private struct Factoring {
        let builder: GraphBuilder
        let operation: Operation
        let axes: [Int]
        let type: TensorType

        /// What the sum of `x` is without its common factors, or nil where it has none.
        func sum(of x: Node) throws -> Node? {
            guard x.isSymbolic else { return nil }
            switch x.operation.name {
            case "negate": return try builder.negate(rest(x.inputs[0]))
            case "multiply":
                for place in 0...1 where x.inputs[place].type == x.type {
                    if let factor = try common(x.inputs[1 - place], in: x.shape) {
                        return try builder.multiply(rest(x.inputs[place]), factor)
                    }
                }
            case "divide" where x.inputs[0].type == x.type:
                if let divisor = try common(x.inputs[1], in: x.shape) {
                    return try builder.divide(rest(x.inputs[0]), divisor)
                }
            case "subtract" where x.inputs[0].type == x.type && isMean(x.inputs[1], of: x.inputs[0]):
                return try builder.constant(Tensor(repeating: 0, type))
            default: break
            }
            return nil
        }

        private func rest(_ x: Node) throws -> Node {
            if let result = try sum(of: x) { return result }
            let keeps = type.shape.rank == x.shape.rank
            return try builder.reshape(
                builder.apply(operation, [x], GraphBuilder.reductionAttributes(axes, keeps)), to: type.shape)
        }

        /// A node that is the same along the summed axes, in a shape that broadcasts to the sum's.
        private func common(_ node: Node, in wide: Shape) throws -> Node? {
            let source = unrepeated(node)
            let padded = [Int](repeating: 1, count: wide.rank - source.shape.rank) + source.shape.dimensions
            guard axes.allSatisfy({ padded[$0] == 1 && wide[$0] != 1 }) else { return nil }
            let narrow =
                type.shape.rank == wide.rank
                ? padded : padded.indices.filter { !axes.contains($0) }.map { padded[$0] }
            return try builder.reshape(source, to: Shape(narrow))
        }

        private func unrepeated(_ node: Node) -> Node {
            node.isSymbolic && node.operation.name == "broadcast_to" ? unrepeated(node.inputs[0]) : node
        }

        /// Whether a node is the mean of `x` over the same axes.
        private func isMean(_ node: Node, of x: Node) -> Bool {
            var mean = unrepeated(node)
            while mean.isSymbolic, mean.operation.name == "reshape" { mean = mean.inputs[0] }
            guard mean.isSymbolic, mean.operation.name == "mean", mean.inputs[0] === x,
                let own = try? ShapeRules.axes(mean.attributes, of: x.shape, for: "mean"), Set(own) == Set(axes),
                let factor = try? common(node, in: x.shape)
            else { return false }
            return factor.shape.count == mean.shape.count
        }
    }
}
