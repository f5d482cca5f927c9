import Scheduling
import Tensors

/// A computation whose order, kernels and memory are settled beforehand: for a training step, or anything else that
/// is run many times on the same shapes.
///
/// Not safe for use by two threads at once. The bits of its results do not depend on the pool's number of threads.
public final class Plan {
    private let description: PlanDescription
    private let arena: Storage
    private var executor: PlanExecutor
    private let updateStart: Int
    private let information: [PlanStep]
    private var outputPointers: [UnsafeRawPointer] = []
    /// Outputs that are inputs: where they lie changes with `bind`.
    private var outputInput: [(input: Int, bytes: Int)?] = []
    /// The reads of each input.
    private var reads: [[(step: Int, operand: Int, bytes: Int)]]
    private let ownInputs: [UnsafeMutableRawPointer]
    private var inputPointers: [UnsafeRawPointer]
    private let inputStorage: Storage
    private let constants: [Tensor]

    /// Bytes of memory for all results and scratch.
    public let arenaBytes: Int
    /// Whether runs measure the time of each step (see `steps`).
    public var isTimed = false

    /// Makes the plan and allocates its memory.
    ///
    /// - Throws: `PlanAllocationError` before anything is allocated where there is not enough memory;
    ///   `OperationError` where the graph reads a placeholder that is neither input nor variable.
    public init(_ description: PlanDescription, pool: ThreadPool) throws {
        self.description = description
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
        let order = try TaskOrder(&graph, memories: memories)
        let scratchBytes = try graph.tasks.map { try Self.scratchBytes($0, graph, pool.threads) }
        let memory = PlanMemory(graph, order, scratchBytes: scratchBytes)
        arenaBytes = memory.arenaBytes
        try Self.checkMemory(memory, graph, description)

        var offset = 0
        let inputOffsets = description.inputs.map { input in
            defer { offset += (input.type.byteCount + 63) / 64 * 64 }
            return offset
        }
        inputStorage = try Storage(byteCount: offset, zeroed: true)
        let inputStart = inputStorage.pointer
        ownInputs = inputOffsets.map { inputStart + $0 }
        inputPointers = ownInputs.map { UnsafeRawPointer($0) }
        arena = try Storage(byteCount: memory.arenaBytes)
        reads = [[(step: Int, operand: Int, bytes: Int)]](repeating: [], count: description.inputs.count)
        constants = graph.values.compactMap { value in
            if case .constant(let tensor) = value.source { return tensor }
            return nil
        }
        var binding = PlanBinding(
            graph: graph, memory: memory, order: order, arena: arena.pointer, inputs: ownInputs,
            variables: description.variables.map(\.memory), executor: PlanExecutor(pool: pool))
        try binding.bind()
        executor = binding.executor
        updateStart = binding.updateStart
        information = binding.information
        for read in binding.reads { reads[read.input].append((read.step, read.operand, read.bytes)) }
        for output in graph.outputs {
            outputPointers.append(UnsafeRawPointer(binding.pointer(output)))
            if case .input(let index, let bytes) = memory.locations[output] {
                outputInput.append((index, bytes))
            } else {
                outputInput.append(nil)
            }
        }
    }

    deinit { executor.deallocate() }

    // MARK: Use

    /// Reads input `index` from the caller's memory, with no copy, until bound again or `inputPointer` is asked for.
    /// The memory must stay as it is during runs and have room for a cache line after the last element.
    public func bind(input index: Int, to pointer: UnsafeRawPointer) {
        guard inputPointers[index] != pointer else { return }
        inputPointers[index] = pointer
        for read in reads[index] {
            executor.rebind(step: read.step, operand: read.operand, to: pointer + read.bytes)
        }
        for (output, input) in outputInput.enumerated() {
            if let input, input.input == index { outputPointers[output] = pointer + input.bytes }
        }
    }

    /// The plan's own memory for input `index`, zero at first, which the following runs read.
    public func inputPointer(_ index: Int) -> UnsafeMutableRawPointer {
        bind(input: index, to: UnsafeRawPointer(ownInputs[index]))
        return ownInputs[index]
    }

    /// Computes the outputs and then updates the variables. Allocates nothing.
    ///
    /// - Parameter outputIndex: a scalar output that must be finite: otherwise no variable is changed.
    /// - Throws: `NonFiniteValue` for the guarded output; whatever a kernel throws.
    public func run(guarding outputIndex: Int? = nil) throws {
        try run(0..<updateStart)
        if let outputIndex, !isFinite(outputIndex) { throw try nonFiniteValue(outputIndex) }
        try run(updateStart..<executor.steps.count)
    }

    private func run(_ range: Range<Int>) throws {
        if isTimed { try executor.runTimed(range) } else { try executor.run(range) }
    }

    /// Output `index`, row-major. Valid until the next run.
    public func output(_ index: Int) -> UnsafeRawPointer { outputPointers[index] }

    /// The steps in the order in which they run.
    public var steps: [PlanStep] {
        information.enumerated().map { index, step in
            var step = step
            step.seconds = Double(executor.nanoseconds[index]) / 1e9
            return step
        }
    }

    // MARK: Guard

    private func isFinite(_ index: Int) -> Bool {
        switch description.outputs[index].elementType {
        case .float32: output(index).load(as: Float.self).isFinite
        case .float64: output(index).load(as: Double.self).isFinite
        }
    }

    private func nonFiniteValue(_ index: Int) throws -> NonFiniteValue {
        var sources: [Int: Tensor] = [:]
        for (node, memory) in description.variables { sources[node.id] = memory }
        for (place, node) in description.inputs.enumerated() {
            let copy = try Tensor(uninitialized: node.type)
            copy.pointer.copyMemory(from: inputPointers[place], byteCount: node.type.byteCount)
            sources[node.id] = copy
        }
        let output = description.outputs[index]
        let search = NonFiniteSearch(pool: executor.pool, sources: sources)
        return try search.firstNonFinite(before: output)
            ?? NonFiniteValue(
                operation: output.operation.name, name: output.name, scope: output.scope, origin: output.origin)
    }

    // MARK: Memory

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

    private static func checkMemory(
        _ memory: PlanMemory, _ graph: PlanGraph, _ description: PlanDescription
    ) throws {
        let limit = min(Storage.limitBytes, AvailableMemory.bytes ?? Int.max)
        var (requested, overflow) = (memory.arenaBytes, false)
        for input in description.inputs where !overflow {
            (requested, overflow) = requested.addingReportingOverflow(input.type.byteCount)
        }
        if overflow { requested = Int.max }
        guard requested > limit else { return }
        let largest = memory.stored.sorted { graph.values[$0].type.byteCount > graph.values[$1].type.byteCount }
        throw PlanAllocationError(
            requestedBytes: requested, limitBytes: limit,
            largest: largest.prefix(5).map { value in
                let node = graph.producer(of: value).flatMap { graph.tasks[$0].nodes.last }
                return PlanAllocationError.Item(
                    operation: node?.operation.name ?? "copy", type: graph.values[value].type, scope: node?.scope,
                    origin: node?.origin)
            })
    }
}
