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
    private let fusesGroups: Bool

    /// - Parameters:
    ///   - nodes: all nodes, inputs before readers.
    ///   - roots: nodes that must be stored.
    ///   - isEnabled: false: each elementwise node is a group of its own.
    init(_ nodes: [Node], roots: Set<Int>, isEnabled: Bool = true) {
        byID = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0) })
        fusesGroups = isEnabled
        if isEnabled { inlined = Self.inlinedNodes(nodes, roots: roots) }
        for node in nodes where node.isElementwise && !inlined.contains(node.id) {
            groups.append([node])
            groupOf[node.id] = groups.count - 1
            operands.append(Set(sources(of: node).map(\.id)))
        }
        if isEnabled {
            joinProducers(nodes)
            joinSiblings()
        }
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

    private mutating func joinSiblings() {
        var byType: [TensorType: [Int]] = [:]
        for group in groups.indices {
            if let first = groups[group].first { byType[first.type, default: []].append(group) }
        }
        for (type, members) in byType where members.count > 1 {
            for (place, first) in members.enumerated() where !groups[first].isEmpty {
                for second in members[(place + 1)...].prefix(Self.largestGroup) where !groups[second].isEmpty {
                    guard !groups[first].isEmpty else { break }
                    let shared = operands[first].intersection(operands[second])
                    guard
                        type.shape.count <= Self.smallCount
                            || shared.contains(where: { byID[$0]?.shape == type.shape })
                    else { continue }
                    join(second, first)
                }
            }
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
    }

    /// Whether something that `later` reads depends on `earlier` other than directly.
    private func leavesAndReturns(from earlier: Int, _ later: Int) -> Bool {
        var pending = operands[later].filter { groupOf[$0] != earlier }
        var seen = Set<Int>()
        var seenGroups: Set<Int> = [later]
        while let id = pending.popFirst() {
            guard seen.insert(id).inserted else { continue }
            guard let node = byID[id], node.isSymbolic else { continue }
            if let group = groupOf[id] {
                if group == earlier { return true }
                guard seenGroups.insert(group).inserted else { continue }
                pending.formUnion(operands[group])
            } else {
                pending.formUnion(sources(of: node).map(\.id))
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
