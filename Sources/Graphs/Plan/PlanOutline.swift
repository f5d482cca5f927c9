import Scheduling
import Tensors

/// A plan whose order and memory are settled and of which nothing is allocated. The variables' memory may be reserved
/// only: its addresses are looked at, its numbers are not.
public struct PlanOutline {
    let graph: PlanGraph
    let order: TaskOrder
    let memory: PlanMemory
    private let inputBytes: Int

    /// - Throws: `OperationError` where the graph reads a placeholder that is neither input nor variable.
    public init(_ description: PlanDescription, pool: ThreadPool) throws {
        let roots = try PlanPasses.apply(
            PlanRoots(outputs: description.outputs, updates: description.updates), GraphBuilder(pool: pool))
        var graph = try PlanGraph(roots, inputs: description.inputs, variables: description.variables.map(\.node))
        let memories = description.variables.map { variable in
            let start = Int(bitPattern: variable.memory.pointer)
            return start..<start + variable.memory.byteCount
        }
        for variable in description.variables where variable.node.type != variable.memory.type {
            throw OperationError(
                "a variable's memory has another type", expected: variable.node.type.description,
                found: variable.memory.type.description)
        }
        order = try TaskOrder(&graph, memories: memories)
        let scratchBytes = try graph.tasks.map { try Self.scratchBytes($0, graph, pool.threads) }
        memory = PlanMemory(graph, order, scratchBytes: scratchBytes)
        self.graph = graph
        inputBytes = description.inputs.reduce(0) { Self.sum($0, $1.type.byteCount) }
    }

    /// Bytes of all results and scratch together.
    public var arenaBytes: Int { memory.arenaBytes }

    /// Bytes that the plan allocates; `Int.max` where that does not fit.
    public var byteCount: Int { Self.sum(memory.arenaBytes, inputBytes) }

    /// What lies in the arena when it holds most. Gaps between the parts are not counted.
    public var fullest: (forward: Int, backward: Int) {
        let buffers = memory.fullest
        let backward = buffers.filter { node(of: $0)?.pass ?? .forward != .forward }
        let all = buffers.reduce(0) { Self.sum($0, bytes($1)) }
        let later = backward.reduce(0) { Self.sum($0, bytes($1)) }
        return (all - later, later)
    }

    /// The largest results that the plan has to keep, largest first.
    public func largest(_ count: Int) -> [PlanAllocationError.Item] {
        memory.stored.sorted { (bytes($0), $1) > (bytes($1), $0) }.prefix(count).map { value in
            let node = node(of: value)
            return PlanAllocationError.Item(
                operation: node?.operation.name ?? "copy", type: graph.values[value].type, scope: node?.scope,
                origin: node?.origin)
        }
    }

    /// - Throws: `PlanAllocationError` where there is not enough memory.
    func checkMemory() throws {
        let limit = min(Storage.limitBytes, AvailableMemory.bytes ?? Int.max)
        guard byteCount > limit else { return }
        throw PlanAllocationError(requestedBytes: byteCount, limitBytes: limit, largest: largest(5))
    }

    private func bytes(_ value: Int) -> Int { graph.values[value].type.byteCount }

    private func node(of value: Int) -> Node? { graph.producer(of: value).flatMap { graph.tasks[$0].nodes.last } }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? Int.max : sum
    }

    private static func scratchBytes(_ task: PlanGraph.Task, _ graph: PlanGraph, _ threads: Int) throws -> Int {
        switch task.work {
        case .kernel(_, let kernel): return kernel.scratchBytes(threads)
        case .elementwise(let program):
            let kernel = try ElementwiseKernel(
                program, operands: task.inputs.map { graph.values[$0].type }, output: graph.values[task.outputs[0]].type
            )
            return kernel.scratchBytes(threads: threads)
        case .sums(let sums):
            return try ProgramSumKernel(sums, operands: task.inputs.map { graph.values[$0].type.shape })
                .scratchBytes(threads: threads)
        case .concatenation, .copy, .update: return 0
        }
    }
}
