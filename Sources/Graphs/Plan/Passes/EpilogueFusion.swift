import Tensors

/// Lets matrix products and convolutions add their bias and apply `max(·, 0)` before they store a result, where
/// nobody else reads what they store now.
package enum EpilogueFusion {
    package static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        let readers = roots.readerCounts
        return try builder.rewrite(roots) { node, original in
            guard node.isSymbolic, node.inputs.count == 2 else { return node }
            for place in 0...1 where readers[original.inputs[place].id] == 1 {
                let (product, other) = (node.inputs[place], node.inputs[1 - place])
                guard isProduct(product), product.type == node.type else { continue }
                // The result is the product's: times and errors are shown at its layer.
                (builder.origin, builder.scope, builder.pass) = (product.origin, product.scope, product.pass)
                switch node.operation.name {
                case "add" where product.inputs.count == 2 && isBias(other, for: product):
                    return try builder.apply(product.operation, product.inputs + [other], product.attributes)
                case "maximum" where other.isFusedConstant && other.uniformValue == 0:
                    var attributes = product.attributes
                    attributes["activation"] = .text("relu")
                    return try builder.apply(product.operation, product.inputs, attributes)
                default: continue
                }
            }
            return node
        }
    }

    private static func isProduct(_ node: Node) -> Bool {
        node.isSymbolic && ["matmul", "conv2d"].contains(node.operation.name) && node.shape.rank > 1
            && node.attributes.text("activation", default: "none") == "none"
    }

    private static func isBias(_ node: Node, for product: Node) -> Bool {
        node.shape == [product.shape[product.shape.rank - 1]] && node.elementType == product.elementType
    }
}
