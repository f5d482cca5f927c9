import Tensors

/// Where each value of a plan lies: in an input, a variable, a constant, or in the arena.
struct PlanMemory {
    enum Location {
        case input(Int, bytes: Int)
        case variable(Int, bytes: Int)
        case constant(Tensor, bytes: Int)
        case arena(bytes: Int)
    }

    /// One for each value.
    private(set) var locations: [Location] = []
    /// For each task the offset of its scratch in the arena.
    private(set) var scratch: [Int] = []
    /// For each elementwise task, for each output the operand whose memory it takes, if any.
    private(set) var overwritten: [Int: [Int?]] = [:]
    private(set) var arenaBytes = 0
    /// Values in the arena, for messages.
    private(set) var stored: [Int] = []
    /// The values that lie in the arena at the step at which they and its scratch take most.
    private(set) var fullest: [Int] = []

    /// A value that lies in the buffer of another one.
    private var hosts: [Int: (value: Int, bytes: Int)] = [:]
    private let graph: PlanGraph
    private let order: TaskOrder
    private let position: [Int]
    /// The values that must not be overwritten.
    private var kept = Set<Int>()
    private var lifetimes: [Int: ClosedRange<Int>] = [:]

    /// - Parameter scratchBytes: for each task.
    init(_ graph: PlanGraph, _ order: TaskOrder, scratchBytes: [Int]) {
        self.graph = graph
        self.order = order
        var position = [Int](repeating: 0, count: graph.tasks.count)
        for (place, task) in order.order.enumerated() { position[task] = place }
        self.position = position
        placeConcatenations()
        findLifetimes()
        overwriteDyingInputs()
        assign(scratchBytes)
    }

    /// The value whose buffer holds a value, and where in it.
    private func buffer(of value: Int) -> (value: Int, bytes: Int) {
        var (current, offset) = graph.base(of: value)
        while let host = hosts[current] {
            let base = graph.base(of: host.value)
            (current, offset) = (base.value, offset + host.bytes + base.bytes)
        }
        return (current, offset)
    }

    /// Whether a value is computed into memory that the plan may choose.
    private func isFree(_ value: Int) -> Bool {
        guard case .task = graph.values[value].source else { return false }
        return hosts[value] == nil && order.variableOf[value] == nil
    }

    private func bytes(_ value: Int) -> Int { graph.values[value].type.byteCount }

    // MARK: Concatenation

    /// Lets tasks compute straight into their part of a concatenation. Later ones first: a concatenation may itself
    /// be part of one.
    private mutating func placeConcatenations() {
        for index in order.order.reversed() {
            guard case .concatenation = graph.tasks[index].work else { continue }
            let output = graph.tasks[index].outputs[0]
            var offset = 0
            for input in graph.tasks[index].inputs {
                let base = graph.base(of: input)
                if isFree(base.value), base.bytes == 0, bytes(base.value) == bytes(input), bytes(input) > 0,
                    base.value != output
                {
                    hosts[base.value] = (output, offset)
                }
                offset += bytes(input)
            }
        }
    }

    /// Whether a part of a concatenation is computed where it belongs.
    func isInPlace(_ input: Int, of output: Int, bytes offset: Int) -> Bool {
        let (part, whole) = (buffer(of: input), buffer(of: output))
        return part.value == whole.value && part.bytes == whole.bytes + offset
    }

    // MARK: Lifetimes

    private mutating func findLifetimes() {
        for output in graph.outputs { kept.insert(buffer(of: output).value) }
        for task in order.order {
            let place = position[task]
            for value in graph.tasks[task].inputs + graph.tasks[task].outputs {
                extend(buffer(of: value).value, to: place)
            }
        }
        for value in kept { extend(value, to: order.order.count) }
    }

    private mutating func extend(_ buffer: Int, to place: Int) {
        guard case .task = graph.values[buffer].source else { return }
        let old = lifetimes[buffer] ?? place...place
        lifetimes[buffer] = min(old.lowerBound, place)...max(old.upperBound, place)
    }

    // MARK: In place

    private mutating func overwriteDyingInputs() {
        for task in order.order {
            let inputs = graph.tasks[task].inputs
            var operands = [Int?](repeating: nil, count: graph.tasks[task].outputs.count)
            var taken = Set<Int>()
            for (place, output) in graph.tasks[task].outputs.enumerated() {
                if order.variableOf[output] != nil {
                    operands[place] = order.overwrittenOperand[output]
                    continue
                }
                guard isFree(output), let operand = dyingOperand(of: task, for: output, taken) else { continue }
                let host = buffer(of: inputs[operand]).value
                guard let old = lifetimes[host], let own = lifetimes[output] else { continue }
                taken.insert(host)
                hosts[output] = (host, 0)
                lifetimes[output] = nil
                lifetimes[host] = old.lowerBound...max(old.upperBound, own.upperBound)
                operands[place] = operand
            }
            if case .elementwise = graph.tasks[task].work { overwritten[task] = operands }
        }
    }

    /// The operand whose memory an output may take: nobody reads it later, and it is read in step with the output.
    private func dyingOperand(of task: Int, for output: Int, _ taken: Set<Int>) -> Int? {
        switch graph.tasks[task].work {
        case .elementwise: break
        case .kernel(_, let kernel): if !kernel.mayOverwriteInput { return nil }
        case .sums, .concatenation, .copy, .update: return nil
        }
        let inputs = graph.tasks[task].inputs
        let buffers = inputs.map { buffer(of: $0) }
        return inputs.indices.first { operand in
            let (host, offset) = buffers[operand]
            guard let lifetime = lifetimes[host], lifetime.upperBound == position[task], offset == 0,
                lifetime.lowerBound < position[task], !taken.contains(host), order.variableOf[host] == nil,
                bytes(host) == bytes(output), bytes(inputs[operand]) == bytes(output)
            else { return false }
            return buffers.filter { $0.value == host }.count == 1
        }
    }

    // MARK: Assignment

    private func findFullest(_ scratchBytes: [Int]) -> [Int] {
        var changes = [Int](repeating: 0, count: order.order.count + 2)
        for owner in stored {
            guard let lifetime = lifetimes[owner] else { continue }
            changes[lifetime.lowerBound] &+= bytes(owner)
            changes[lifetime.upperBound + 1] &-= bytes(owner)
        }
        var (live, most, place) = (0, -1, 0)
        for (step, task) in order.order.enumerated() {
            live &+= changes[step]
            if live &+ scratchBytes[task] > most { (most, place) = (live &+ scratchBytes[task], step) }
        }
        return stored.filter { lifetimes[$0]?.contains(place) ?? false }
    }

    private mutating func assign(_ scratchBytes: [Int]) {
        let owners = lifetimes.keys.filter { hosts[$0] == nil && order.variableOf[$0] == nil }.sorted()
        var buffers = owners.compactMap { owner in
            lifetimes[owner].map { ArenaLayout.Buffer(bytes: bytes(owner), lifetime: $0) }
        }
        var scratchBuffer: [Int?] = []
        for task in graph.tasks.indices {
            scratchBuffer.append(scratchBytes[task] > 0 ? buffers.count : nil)
            guard scratchBytes[task] > 0 else { continue }
            buffers.append(
                ArenaLayout.Buffer(bytes: scratchBytes[task], lifetime: position[task]...position[task]))
        }
        let layout = ArenaLayout(buffers)
        arenaBytes = layout.byteCount
        stored = owners
        fullest = findFullest(scratchBytes)
        scratch = scratchBuffer.map { $0.map { layout.offsets[$0] } ?? 0 }
        let offsets = Dictionary(uniqueKeysWithValues: zip(owners, layout.offsets))
        locations = graph.values.indices.map { value in
            let (owner, bytes) = buffer(of: value)
            switch graph.values[owner].source {
            case .input(let index): return .input(index, bytes: bytes)
            case .variable(let index): return .variable(index, bytes: bytes)
            case .constant(let tensor): return .constant(tensor, bytes: bytes)
            case .task, .view:
                if let variable = order.variableOf[owner] { return .variable(variable, bytes: bytes) }
                return .arena(bytes: bytes + (offsets[owner] ?? 0))
            }
        }
    }
}
