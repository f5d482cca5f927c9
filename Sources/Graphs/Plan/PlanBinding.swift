import Tensors

/// Makes an executor's steps of a plan's tasks, now that all memory has an address.
struct PlanBinding {
    let graph: PlanGraph
    let memory: PlanMemory
    let order: TaskOrder
    let arena: UnsafeMutableRawPointer
    let inputs: [UnsafeMutableRawPointer]
    let variables: [Tensor]

    var executor: PlanExecutor
    /// The first step that writes a variable.
    private(set) var updateStart = 0
    private(set) var information: [PlanStep] = []
    private(set) var reads: [(input: Int, step: Int, operand: Int, bytes: Int)] = []

    init(
        graph: PlanGraph, memory: PlanMemory, order: TaskOrder, arena: UnsafeMutableRawPointer,
        inputs: [UnsafeMutableRawPointer], variables: [Tensor], executor: PlanExecutor
    ) {
        self.graph = graph
        self.memory = memory
        self.order = order
        self.arena = arena
        self.inputs = inputs
        self.variables = variables
        self.executor = executor
    }

    func pointer(_ value: Int) -> UnsafeMutableRawPointer {
        switch memory.locations[value] {
        case .input(let index, let bytes): inputs[index] + bytes
        case .variable(let index, let bytes): variables[index].pointer + bytes
        case .constant(let tensor, let bytes): tensor.pointer + bytes
        case .arena(let bytes): arena + bytes
        }
    }

    mutating func bind() throws {
        for (place, index) in order.order.enumerated() {
            if place == order.updateStart { updateStart = executor.steps.count }
            try bind(index)
        }
        if order.updateStart == order.order.count { updateStart = executor.steps.count }
    }

    private mutating func bind(_ index: Int) throws {
        let task = graph.tasks[index]
        switch task.work {
        case .kernel(_, let kernel):
            let arguments = KernelArguments(
                inputs: task.inputs.map { UnsafeRawPointer(pointer($0)) }, output: pointer(task.outputs[0]),
                scratch: arena + memory.scratch[index], pool: executor.pool)
            noteReads(task)
            append(.kernel(kernel.run, arguments), task, path: kernel.path)
        case .elementwise(let program):
            let kernel = try ElementwiseKernel(
                program, operands: task.inputs.map { graph.values[$0].type },
                output: graph.values[task.outputs[0]].type, overwritten: memory.overwritten[index])
            let (inputs, outputs) = pointerTables(task)
            noteReads(task)
            append(
                .elementwise(kernel, inputs: inputs, outputs: outputs, scratch: arena + memory.scratch[index]), task,
                path: kernel.path)
        case .sums(let sums):
            let kernel = try ProgramSumKernel(sums, operands: task.inputs.map { graph.values[$0].type.shape })
            let (inputs, outputs) = pointerTables(task)
            noteReads(task)
            append(
                .sums(kernel, inputs: inputs, outputs: outputs, scratch: arena + memory.scratch[index]), task,
                path: kernel.path)
        case .concatenation:
            var offset = 0
            for (place, input) in task.inputs.enumerated() {
                let bytes = graph.values[input].type.byteCount
                if !memory.isInPlace(input, of: task.outputs[0], bytes: offset), bytes > 0 {
                    noteRead(input, operand: 0)
                    append(
                        .copy(
                            to: pointer(task.outputs[0]) + offset, from: UnsafeRawPointer(pointer(input)), bytes: bytes),
                        task, path: "copy of part \(place)")
                }
                offset += bytes
            }
        case .copy:
            noteReads(task)
            appendCopy(of: task.inputs[0], to: pointer(task.outputs[0]), task)
        case .update(let variable):
            noteReads(task)
            appendCopy(of: task.inputs[0], to: variables[variable].pointer, task)
        }
    }

    private func pointerTables(_ task: PlanGraph.Task) -> (
        inputs: UnsafeMutablePointer<UnsafeRawPointer>, outputs: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) {
        let inputs = UnsafeMutablePointer<UnsafeRawPointer>.allocate(capacity: max(1, task.inputs.count))
        for (place, value) in task.inputs.enumerated() {
            (inputs + place).initialize(to: UnsafeRawPointer(pointer(value)))
        }
        let outputs = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: task.outputs.count)
        for (place, value) in task.outputs.enumerated() { (outputs + place).initialize(to: pointer(value)) }
        return (inputs, outputs)
    }

    private mutating func appendCopy(of value: Int, to target: UnsafeMutableRawPointer, _ task: PlanGraph.Task) {
        append(
            .copy(to: target, from: UnsafeRawPointer(pointer(value)), bytes: graph.values[value].type.byteCount), task,
            path: "copy")
    }

    private mutating func noteReads(_ task: PlanGraph.Task) {
        for (operand, value) in task.inputs.enumerated() { noteRead(value, operand: operand) }
    }

    private mutating func noteRead(_ value: Int, operand: Int) {
        if case .input(let index, let bytes) = memory.locations[value] {
            reads.append((index, executor.steps.count, operand, bytes))
        }
    }

    private mutating func append(_ step: PlanExecutor.Step, _ task: PlanGraph.Task, path: String) {
        executor.append(step)
        let type = graph.values[task.outputs.first ?? task.inputs[0]].type
        let costs = task.nodes.map { node in
            node.operation.cost(node.inputs.map(\.type), node.type, node.attributes)
        }
        // A fused step belongs to the layer that has most of its work: a convolution, not the ReLU behind it.
        let main = task.nodes.indices.reversed().max { costs[$0].multiplyAdds < costs[$1].multiplyAdds }
            .map { task.nodes[$0] }
        information.append(
            PlanStep(
                name: task.nodes.isEmpty ? "copy" : task.nodes.map(\.operation.name).joined(separator: "+"), path: path,
                scope: main?.scope, origin: main?.origin, pass: main?.pass ?? .update, output: type,
                cost: costs.reduce(OperationCost(multiplyAdds: 0, bytes: 0)) { sum, own in
                    OperationCost(
                        multiplyAdds: sum.multiplyAdds &+ own.multiplyAdds, bytes: sum.bytes &+ own.bytes)
                }, seconds: 0))
    }
}
