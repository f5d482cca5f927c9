import Tensors

/// Groups of elementwise nodes that are computed together, each group one program; and groups of sums that are made
/// in one pass with the elementwise nodes before them.
///
/// Groups have one element type and shape, and nothing that leaves a group comes back to it by way of others.
struct ElementwiseFusion {
    /// Nodes of a group, inputs before readers.
    private(set) var groups: [[Node]] = []
    /// Sums of each group, at least one of which has an inlined input or shares what it reads with another one.
    private(set) var sumGroups: [[Node]] = []
    /// Nodes that have no group: they are computed anew by each group that reads them.
    private(set) var inlined = Set<Int>()

    /// Bounds well under those of the kernels; a group that still does not fit is halved.
    private static let largestGroup = 96
    private static let mostOperands = 28
    /// Groups of so few elements are joined whatever they read: a step costs more than they do.
    private static let smallCount = 64
    /// Instructions and operands up to which something is computed anew for a sum.
    private static let largestExpansion = 24
    private static let mostExpandedOperands = 12
    /// The same of what is computed for a sum and for others: large operands are read twice then.
    private static let largestRepetition = 8
    private static let mostRepeatedOperands = 2

    private let byID: [Int: Node]
    private var groupOf: [Int: Int] = [:]
    /// For each group the nodes outside of it that it reads.
    private var operands: [Set<Int>] = []
    /// For each node the nodes that read it, inlined ones seen through.
    private var readers: [Int: [Int]] = [:]
    /// For each node a bound: neither it (with its group) nor anything that it depends on has a larger number. A
    /// search for a dependency stops where the bound is too small.
    private var bounds: [Int: Int] = [:]
    /// The number of the first group that is one of sums; these are never joined with others.
    private var firstSumGroup = Int.max

    /// - Parameters:
    ///   - nodes: all nodes, inputs before readers.
    ///   - roots: nodes that must be stored.
    init(_ nodes: [Node], roots: Set<Int>) {
        byID = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0) })
        let sums = SumGroups.candidates(nodes)
        inlined = Self.inlinedNodes(nodes, roots: roots, sums: sums)
        sumGroups = SumGroups(nodes, candidates: sums, inlined: inlined) { sources(of: $0) }.groups
        for node in nodes where node.isSymbolic && !inlined.contains(node.id) {
            let sources = sources(of: node).map(\.id)
            bounds[node.id] = node.id
            for source in sources { readers[source, default: []].append(node.id) }
            guard node.isElementwise else { continue }
            groups.append([node])
            groupOf[node.id] = groups.count - 1
            operands.append(Set(sources))
        }
        firstSumGroup = groups.count
        for group in sumGroups { addSums(group) }
        joinProducers(nodes)
        joinSiblings(nodes)
        groups = groups[..<firstSumGroup].filter { !$0.isEmpty }
    }

    private mutating func addSums(_ group: [Node]) {
        groups.append(group.sorted { $0.id < $1.id })
        operands.append(group.reduce(into: Set()) { $0.formUnion(sources(of: $1).map(\.id)) })
        for node in group { groupOf[node.id] = groups.count - 1 }
        raiseBounds(of: groups.count - 1)
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

    private static func inlinedNodes(_ nodes: [Node], roots: Set<Int>, sums: Set<Int>) -> Set<Int> {
        let readers = nodes.readers
        func isFused(_ node: Node) -> Bool { node.isElementwise || sums.contains(node.id) }
        /// Whether a node that is not inlined will lie in memory, because something else than a program of its own
        /// kind reads it.
        func isStored(_ node: Node) -> Bool {
            !node.isElementwise || roots.contains(node.id) || !(readers[node.id] ?? []).allSatisfy(\.isElementwise)
        }
        var inlined = Set<Int>()
        var expansions: [Int: Expansion] = [:]
        for node in nodes where node.isElementwise && !roots.contains(node.id) {
            var expansion = Expansion(node)
            for input in node.inputs where !input.isFusedConstant {
                let isOwn = readers[input.id]?.count == 1 && input.type == node.type && !roots.contains(input.id)
                let inner = inlined.contains(input.id) || isOwn ? expansions[input.id] : nil
                expansion.add(input, inner, isInlined: inlined.contains(input.id))
            }
            expansions[node.id] = expansion
            guard let readers = readers[node.id], readers.allSatisfy(isFused) else { continue }
            let isSummed = readers.contains { sums.contains($0.id) }
            if node.isIdentity {
                inlined.insert(node.id)
            } else if readers.count == 1, isSummed {
                inlined.formUnion(expansion.chain.union([node.id]))
            } else if expansion.isCheap,
                readers.allSatisfy({ sums.contains($0.id) || $0.type == node.type })
            {
                // Reading the one large operand again costs what reading the result would, and nothing is stored: the
                // mask of a relu is not kept for its derivative beside what relu gave. With a sum among the readers a
                // pass over memory is saved, which pays for one operand more.
                if expansion.large.count <= (isSummed ? mostRepeatedOperands : 1),
                    expansion.instructions <= (isSummed ? largestRepetition : 1),
                    expansion.large.values.allSatisfy(isStored)
                {
                    inlined.formUnion(expansion.chain.union([node.id]))
                }
            }
        }
        return inlined
    }

    /// What computing a node anew means, seen through inlined nodes and through those that only it reads.
    private struct Expansion {
        var instructions: Int
        var isCheap: Bool
        var operands = Set<Int>()
        /// The operands that have as many elements as the node.
        var large: [Int: Node] = [:]
        /// Nodes that would be inlined together with this one.
        var chain = Set<Int>()
        private let count: Int

        init(_ node: Node) {
            instructions = node.isIdentity ? 0 : 1
            isCheap = node.isCheap || node.isIdentity
            count = node.shape.count
        }

        /// Adds what computing an input takes, or reading it where there is no `inner` or that is too much.
        mutating func add(_ input: Node, _ inner: Expansion?, isInlined: Bool) {
            if let inner {
                let all = operands.union(inner.operands)
                let fits =
                    instructions + inner.instructions <= ElementwiseFusion.largestExpansion
                    && all.count <= ElementwiseFusion.mostExpandedOperands
                if isInlined || fits {
                    instructions += inner.instructions
                    isCheap = isCheap && inner.isCheap
                    operands = all
                    large.merge(inner.large.filter { $1.shape.count == count }) { own, _ in own }
                    chain.formUnion(inner.chain)
                    if !isInlined { chain.insert(input.id) }
                    return
                }
            }
            operands.insert(input.id)
            if input.shape.count == count { large[input.id] = input }
        }
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

    /// Groups of one pass that read the same large value, or that are small and near each other.
    private mutating func joinSiblings(_ nodes: [Node]) {
        for node in nodes {
            var first: [TrainingPass: Int] = [:]
            for reader in readers[node.id] ?? [] {
                guard let group = groupOf[reader], let kind = byID[reader], kind.type == node.type else { continue }
                if let own = first[kind.pass], own != group { join(group, own) }
                first[kind.pass] = first[kind.pass] ?? group
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
        guard own < firstSumGroup, other < firstSumGroup,
            groups[own].count + groups[other].count <= Self.largestGroup
        else { return }
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
        var composer = ProgramComposer(computed: inlined.union(group.map(\.id)))
        for node in group {
            let result = composer.value(node)
            if isStored(node) { composer.store(result, as: node) }
        }
        return composer.fused
    }

    /// What a group of sums sums, one output for each.
    func program(ofSums group: [Node]) -> FusedProgram {
        var composer = ProgramComposer(computed: inlined)
        for node in group { composer.store(composer.value(node.inputs[0]), as: node) }
        return composer.fused
    }
}

/// Turns nodes into a program.
private struct ProgramComposer {
    /// Nodes that the program computes; what else it needs it reads.
    let computed: Set<Int>
    private(set) var fused = FusedProgram(program: ElementwiseProgram(operandCount: 0), operands: [], outputs: [])
    private var values: [Int: ElementwiseProgram.Value] = [:]

    init(computed: Set<Int>) { self.computed = computed }

    mutating func value(_ node: Node) -> ElementwiseProgram.Value {
        if let known = values[node.id] { return known }
        let result: ElementwiseProgram.Value
        if node.isFusedConstant, let number = node.uniformValue {
            result = .immediate(number)
        } else if computed.contains(node.id), case .elementwise(let emit) = node.operation.kernel {
            var inputs: [ElementwiseProgram.Value] = []
            for input in node.inputs { inputs.append(value(input)) }
            result = emit(&fused.program, inputs, node.attributes)
        } else {
            fused.operands.append(node)
            result = fused.program.addOperand()
        }
        values[node.id] = result
        return result
    }

    mutating func store(_ value: ElementwiseProgram.Value, as node: Node) {
        fused.program.outputs.append(value)
        fused.outputs.append(node)
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
