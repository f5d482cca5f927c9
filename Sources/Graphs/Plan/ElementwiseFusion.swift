import Tensors

/// Groups of elementwise nodes that are computed together, each group one program.
///
/// Groups have one element type and shape, and nothing that leaves a group comes back to it by way of others.
struct ElementwiseFusion {
    /// Nodes of a group, inputs before readers.
    private(set) var groups: [[Node]] = []
    /// Nodes that have no group: they are computed anew by each group that reads them.
    private(set) var inlined = Set<Int>()

    /// Bounds well under those of the kernels; a group that still does not fit is halved.
    private static let largestGroup = 96
    private static let mostOperands = 28
    /// Groups of so few elements are joined whatever they read: a step costs more than they do.
    private static let smallCount = 64

    private let byID: [Int: Node]
    private var groupOf: [Int: Int] = [:]
    /// For each group the nodes outside of it that it reads.
    private var operands: [Set<Int>] = []
    /// For each node the nodes that read it, inlined ones seen through.
    private var readers: [Int: [Int]] = [:]
    /// For each node a bound: neither it (with its group) nor anything that it depends on has a larger number. A
    /// search for a dependency stops where the bound is too small.
    private var bounds: [Int: Int] = [:]

    /// - Parameters:
    ///   - nodes: all nodes, inputs before readers.
    ///   - roots: nodes that must be stored.
    init(_ nodes: [Node], roots: Set<Int>) {
        byID = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0) })
        inlined = Self.inlinedNodes(nodes, roots: roots)
        for node in nodes where node.isSymbolic && !inlined.contains(node.id) {
            let sources = sources(of: node).map(\.id)
            bounds[node.id] = node.id
            for source in sources { readers[source, default: []].append(node.id) }
            guard node.isElementwise else { continue }
            groups.append([node])
            groupOf[node.id] = groups.count - 1
            operands.append(Set(sources))
        }
        joinProducers(nodes)
        joinSiblings(nodes)
        groups = groups.filter { !$0.isEmpty }
    }

    /// What a node reads once inlined nodes are seen through; constants of one number are no operands.
    func sources(of node: Node) -> [Node] {
        var result: [Node] = []
        for input in node.inputs {
            if inlined.contains(input.id) {
                result += sources(of: input)
            } else if !input.isFusedConstant {
                result.append(input)
            }
        }
        return result
    }

    // MARK: Inlining

    private static func inlinedNodes(_ nodes: [Node], roots: Set<Int>) -> Set<Int> {
        var readers: [Int: [Node]] = [:]
        for node in nodes where node.isSymbolic {
            for input in node.inputs { readers[input.id, default: []].append(node) }
        }
        var inlined = Set<Int>()
        for node in nodes where node.isElementwise && !roots.contains(node.id) {
            guard let readers = readers[node.id], readers.allSatisfy(\.isElementwise) else { continue }
            if node.isIdentity {
                inlined.insert(node.id)
            } else if readers.count > 1, node.isCheap, readers.allSatisfy({ $0.type == node.type }) {
                // Reading the one large operand again costs what reading the result would, and nothing is stored.
                let large = node.inputs.filter { $0.shape == node.shape && !$0.isFusedConstant }
                if large.count <= 1, large.allSatisfy({ !inlined.contains($0.id) && !$0.isElementwise }) {
                    inlined.insert(node.id)
                }
            }
        }
        return inlined
    }

    // MARK: Joining

    private mutating func joinProducers(_ nodes: [Node]) {
        for node in nodes {
            guard groupOf[node.id] != nil else { continue }
            for source in sources(of: node) where source.type == node.type {
                guard let own = groupOf[node.id], let other = groupOf[source.id], own != other else { continue }
                join(other, own)
            }
        }
    }

    /// Groups that read the same large value, or that are small and near each other.
    private mutating func joinSiblings(_ nodes: [Node]) {
        for node in nodes {
            var first: Int?
            for reader in readers[node.id] ?? [] {
                guard let group = groupOf[reader], byID[reader]?.type == node.type else { continue }
                if let own = first, own != group { join(group, own) }
                first = first ?? group
            }
        }
        var lastOfType: [TensorType: Int] = [:]
        for node in nodes where node.shape.count <= Self.smallCount {
            guard let group = groupOf[node.id] else { continue }
            if let last = lastOfType[node.type], let own = groups[last].first.flatMap({ groupOf[$0.id] }), own != group
            {
                join(group, own)
            }
            lastOfType[node.type] = groupOf[node.id]
        }
    }

    /// Moves the nodes of group `other` into `own`, unless that made a cycle or too large a program.
    private mutating func join(_ other: Int, _ own: Int) {
        guard groups[own].count + groups[other].count <= Self.largestGroup else { return }
        let members = Set((groups[own] + groups[other]).map(\.id))
        let joined = operands[own].union(operands[other]).subtracting(members)
        guard joined.count <= Self.mostOperands, !leavesAndReturns(from: own, other),
            !leavesAndReturns(from: other, own)
        else { return }
        groups[own] = (groups[own] + groups[other]).sorted { $0.id < $1.id }
        groups[other] = []
        operands[own] = joined
        operands[other] = []
        for node in groups[own] { groupOf[node.id] = own }
        raiseBounds(of: own)
    }

    /// Gives a group, and all that depends on it, bounds that hold for its new members.
    private mutating func raiseBounds(of group: Int) {
        let bound = groups[group].reduce(0) { max($0, bounds[$1.id] ?? 0) }
        var pending = groups[group].map(\.id)
        while let id = pending.popLast() {
            guard let old = bounds[id], old < bound else { continue }
            bounds[id] = bound
            pending += readers[id] ?? []
            if let group = groupOf[id] { pending += groups[group].map(\.id) }
        }
        // Readers of the member that had the bound already have it too: it was theirs before.
    }

    /// Whether something that `later` reads depends on `earlier` other than directly.
    private func leavesAndReturns(from earlier: Int, _ later: Int) -> Bool {
        guard let newest = groups[earlier].last?.id else { return false }
        var pending = operands[later].filter { groupOf[$0] != earlier }.map { $0 }
        var seen = Set<Int>()
        var seenGroups: Set<Int> = [later]
        while let id = pending.popLast() {
            guard let bound = bounds[id], bound >= newest, seen.insert(id).inserted else { continue }
            if let group = groupOf[id] {
                if group == earlier { return true }
                if seenGroups.insert(group).inserted { pending += operands[group] }
            } else if let node = byID[id] {
                pending += sources(of: node).map(\.id)
            }
        }
        return false
    }

    // MARK: Programs

    /// A group as a program.
    /// - Parameter isStored: whether a node is read outside of its group or is a root.
    func program(of group: [Node], isStored: (Node) -> Bool) -> FusedProgram {
        var program = ElementwiseProgram(operandCount: 0)
        var operands: [Node] = []
        var outputs: [Node] = []
        var values: [Int: ElementwiseProgram.Value] = [:]
        let members = Set(group.map(\.id))
        func value(_ node: Node) -> ElementwiseProgram.Value {
            if let known = values[node.id] { return known }
            let result: ElementwiseProgram.Value
            if node.isFusedConstant, let number = node.uniformValue {
                result = .immediate(number)
            } else if inlined.contains(node.id) || members.contains(node.id),
                case .elementwise(let emit) = node.operation.kernel
            {
                let inputs = node.inputs.map { value($0) }
                result = emit(&program, inputs, node.attributes)
            } else {
                operands.append(node)
                result = program.addOperand()
            }
            values[node.id] = result
            return result
        }
        for node in group {
            let result = value(node)
            if isStored(node) {
                program.outputs.append(result)
                outputs.append(node)
            }
        }
        return FusedProgram(program: program, operands: operands, outputs: outputs)
    }
}

/// A program together with the nodes that it reads and writes.
struct FusedProgram {
    var program: ElementwiseProgram
    var operands: [Node]
    var outputs: [Node]
}

extension Node {
    /// Whether the node is computed element by element (and has no numbers yet).
    var isElementwise: Bool {
        if isSymbolic, case .elementwise = operation.kernel { return true }
        return false
    }

    /// A constant that programs hold as a number.
    var isFusedConstant: Bool { !isSymbolic && type.shape.count == 1 }

    private var ownProgram: ElementwiseProgram? {
        guard isElementwise, case .elementwise(let emit) = operation.kernel else { return nil }
        var program = ElementwiseProgram(operandCount: inputs.count)
        program.outputs = [emit(&program, inputs.indices.map { .operand($0) }, attributes)]
        return program
    }

    /// Whether the node only repeats its input.
    var isIdentity: Bool { ownProgram.map { $0.outputs == [.operand(0)] } ?? false }

    /// Whether computing the node costs less than reading it.
    var isCheap: Bool {
        guard let program = ownProgram, program.instructions.count == 1 else { return false }
        switch program.instructions[0].opcode {
        case .add, .subtract, .multiply, .minimum, .maximum, .negate, .absolute, .sign, .square, .floor, .ceiling,
            .round, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .and, .or, .not, .select,
            .multiplyAdd:
            return true
        case .divide, .power, .squareRoot, .reciprocalSquareRoot, .reciprocal, .exponential, .logarithm, .logarithm1p,
            .exponentialMinus1, .sine, .cosine, .tangent, .hyperbolicTangent, .sigmoid, .errorFunction, .softplus:
            return false
        }
    }
}
