import Tensors

/// A plan between the passes and the memory layout: values, and the tasks that compute them.
struct PlanGraph {
    typealias ValueIndex = Int
    typealias TaskIndex = Int

    struct Value {
        enum Source {
            case input(Int)
            case variable(Int)
            case constant(Tensor)
            case task(TaskIndex)
            /// The same memory as another value, from `bytes` on.
            case view(of: ValueIndex, bytes: Int)
        }
        var type: TensorType
        var source: Source
    }

    struct Task {
        enum Work {
            case kernel(Node, PreparedKernel)
            case elementwise(ElementwiseProgram)
            /// Several sums over what a program computes, in one pass.
            case sums(ProgramSumKernel.Sums)
            /// Joins inputs end to end; parts that were computed in place already need no copy.
            case concatenation
            case copy
            /// Writes the input over a variable.
            case update(variable: Int)
        }
        var work: Work
        var inputs: [ValueIndex]
        var outputs: [ValueIndex]
        /// The nodes that the task computes, for messages.
        var nodes: [Node]
        /// Tasks are run in this order where nothing else decides.
        var key: Int
    }

    private(set) var values: [Value] = []
    var tasks: [Task] = []
    private(set) var outputs: [ValueIndex] = []
    private(set) var updates: [(variable: Int, value: ValueIndex)] = []
    private var valueOf: [Int: ValueIndex] = [:]

    init(_ roots: PlanRoots, inputs: [Node], variables: [Node]) throws {
        let nodes = roots.nodes
        let fusion = ElementwiseFusion(nodes, roots: Set(roots.all.map(\.id)))
        for (index, node) in inputs.enumerated() { addSource(node, .input(index)) }
        for (index, node) in variables.enumerated() { addSource(node, .variable(index)) }
        let stored = Self.stored(nodes, roots, fusion)
        var programs: [(node: Node, group: [Node])] = fusion.groups.compactMap { group in
            group.last.map { ($0, group) }
        }
        // A group may need a value with a larger number than its first members, so tasks are first made in any order
        // that has what they read: values are named before tasks are made.
        let summed = Set(fusion.sumGroups.flatMap { $0.map(\.id) })
        for node in nodes where valueOf[node.id] == nil && !fusion.inlined.contains(node.id) {
            if let value = node.value {
                addSource(node, .constant(value))
            } else if node.operation.name == SourceOperations.placeholder.name {
                throw OperationError("the plan reads '\(node.name ?? "a placeholder")', which nobody fills")
            } else if !node.isElementwise, !summed.contains(node.id) {
                try addKernel(node)
            } else if stored.contains(node.id) || summed.contains(node.id) {
                // The task follows below.
                addValue(node, .task(-1))
            }
        }
        programs.sort { $0.node.id < $1.node.id }
        for (_, group) in programs { try addGroup(group, fusion, stored) }
        for group in fusion.sumGroups { try addSums(group, fusion) }
        self.outputs = try roots.outputs.map { try value(of: $0) }
        let variableIndex = Dictionary(
            variables.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.updates = try roots.updates.map { update in
            guard let index = variableIndex[update.variable.id] else {
                throw OperationError("only a variable of the plan can be updated")
            }
            guard update.variable.type == update.value.type else {
                throw OperationError(
                    "an update keeps the type", expected: update.variable.type.description,
                    found: update.value.type.description)
            }
            return (index, try value(of: update.value))
        }
    }

    private static func stored(_ nodes: [Node], _ roots: PlanRoots, _ fusion: ElementwiseFusion) -> Set<Int> {
        var stored = Set(roots.all.map(\.id))
        let summed = Set(fusion.sumGroups.flatMap { $0.map(\.id) })
        for node in nodes where node.isSymbolic && !node.isElementwise && !summed.contains(node.id) {
            stored.formUnion(node.inputs.map(\.id))
        }
        for node in fusion.sumGroups.joined() { stored.formUnion(fusion.sources(of: node).map(\.id)) }
        for group in fusion.groups {
            let members = Set(group.map(\.id))
            for node in group {
                stored.formUnion(fusion.sources(of: node).map(\.id).filter { !members.contains($0) })
            }
        }
        return stored
    }

    // MARK: Construction

    @discardableResult
    private mutating func addValue(_ node: Node, _ source: Value.Source) -> ValueIndex {
        values.append(Value(type: node.type, source: source))
        valueOf[node.id] = values.count - 1
        return values.count - 1
    }

    private mutating func addSource(_ node: Node, _ source: Value.Source) { addValue(node, source) }

    private func value(of node: Node) throws -> ValueIndex {
        guard let value = valueOf[node.id] else {
            throw OperationError("'\(node.operation.name)' has no value in the plan")
        }
        return value
    }

    private mutating func addTask(_ work: Task.Work, _ inputs: [ValueIndex], _ outputs: [ValueIndex], _ nodes: [Node]) {
        for output in outputs { values[output].source = .task(tasks.count) }
        tasks.append(
            Task(work: work, inputs: inputs, outputs: outputs, nodes: nodes, key: nodes.map(\.id).max() ?? Int.max))
    }

    private mutating func addKernel(_ node: Node) throws {
        let inputs = try node.inputs.map { try value(of: $0) }
        let request = KernelRequest(
            inputs: node.inputs.map(\.type), output: node.type, attributes: node.attributes)
        switch node.operation.kernel {
        case .alias:
            addValue(node, .view(of: inputs[0], bytes: 0))
        case .prepared(let prepare):
            if let bytes = node.contiguousSliceOffset {
                addValue(node, .view(of: inputs[0], bytes: bytes))
            } else if node.isOutermostConcatenation {
                addTask(.concatenation, inputs, [addValue(node, .task(-1))], [node])
            } else {
                addTask(.kernel(node, try prepare(request)), inputs, [addValue(node, .task(-1))], [node])
            }
        case .elementwise, .source:
            throw OperationError("'\(node.operation.name)' is not computed")
        }
    }

    private mutating func addGroup(_ group: [Node], _ fusion: ElementwiseFusion, _ stored: Set<Int>) throws {
        let fused = fusion.program(of: group) { stored.contains($0.id) }
        guard !fused.outputs.isEmpty else { return }
        if group.count > 1, !ElementwiseKernel.fits(fused.program) {
            // What the second half reads of the first must be stored then.
            let (first, second) = (Array(group[..<(group.count / 2)]), Array(group[(group.count / 2)...]))
            let members = Set(first.map(\.id))
            let between = second.flatMap { fusion.sources(of: $0) }.filter { members.contains($0.id) }
            let all = stored.union(between.map(\.id))
            for node in between where valueOf[node.id] == nil { addValue(node, .task(-1)) }
            try addGroup(first, fusion, all)
            try addGroup(second, fusion, all)
            return
        }
        addTask(
            .elementwise(fused.program), try fused.operands.map { try value(of: $0) },
            try fused.outputs.map { try value(of: $0) }, group)
    }

    private mutating func addSums(_ group: [Node], _ fusion: ElementwiseFusion) throws {
        let fused = fusion.program(ofSums: group)
        if group.count > 1, !ElementwiseKernel.fits(fused.program) {
            for node in group { try addSums([node], fusion) }
            return
        }
        addTask(
            .sums(SumGroups.sums(of: group, fused.program)), try fused.operands.map { try value(of: $0) },
            try fused.outputs.map { try value(of: $0) }, group)
    }

    /// Adds a task that copies a value, and gives the copy.
    mutating func addCopy(of value: ValueIndex, key: Int) -> ValueIndex {
        values.append(Value(type: values[value].type, source: .task(tasks.count)))
        tasks.append(Task(work: .copy, inputs: [value], outputs: [values.count - 1], nodes: [], key: key))
        return values.count - 1
    }

    mutating func addUpdate(of variable: Int, from value: ValueIndex) {
        tasks.append(Task(work: .update(variable: variable), inputs: [value], outputs: [], nodes: [], key: Int.max))
    }

    mutating func replaceOutput(_ index: Int, by value: ValueIndex) { outputs[index] = value }

    mutating func replaceUpdate(_ index: Int, by value: ValueIndex) { updates[index].value = value }

    // MARK: Views

    /// The value whose memory a value views, and where in it.
    func base(of value: ValueIndex) -> (value: ValueIndex, bytes: Int) {
        var (current, offset) = (value, 0)
        while case .view(let next, let bytes) = values[current].source {
            (current, offset) = (next, offset + bytes)
        }
        return (current, offset)
    }

    /// The task that computes a value (or what it views), if one does.
    func producer(of value: ValueIndex) -> TaskIndex? {
        if case .task(let task) = values[base(of: value).value].source { return task }
        return nil
    }

    /// The variable that a value views, if it does.
    func variable(viewedBy value: ValueIndex) -> Int? {
        if case .variable(let index) = values[base(of: value).value].source { return index }
        return nil
    }
}

extension Node {
    /// Bytes from the start of the input's memory to this node's elements, where it is an uninterrupted part of it.
    fileprivate var contiguousSliceOffset: Int? {
        guard operation.name == "slice" else { return nil }
        let request = KernelRequest(inputs: inputs.map(\.type), output: type, attributes: attributes)
        return SlicingOperations.contiguousOffset(request).map { $0 * elementType.byteCount }
    }

    /// Whether the node's elements are those of its inputs one after another.
    fileprivate var isOutermostConcatenation: Bool {
        guard operation.name == "concat" else { return false }
        let axis = shape.resolve(axis: attributes.integer("axis", default: 0)) ?? 0
        return shape.dimensions[..<axis].allSatisfy { $0 == 1 }
    }
}
