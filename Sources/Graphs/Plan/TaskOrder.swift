import Tensors

/// The order in which a plan's tasks run, and which of them write a variable's memory directly.
///
/// All values of updates are computed from the old memories. A task may write its result over a variable where all
/// that reads the old numbers runs before, and then as early as it can; other updates are copied at the end. Nothing is
/// written before all outputs are there.
struct TaskOrder {
    /// Task numbers in the order of execution.
    private(set) var order: [Int] = []
    /// How many of them run before the first that writes a variable.
    private(set) var updateStart = 0
    /// For a value that is computed in a variable's memory, the variable.
    private(set) var variableOf: [Int: Int] = [:]
    /// For such a value, the operand of its task with the old numbers, if the task reads them.
    private(set) var overwrittenOperand: [Int: Int] = [:]

    private var predecessors: [Set<Int>] = []
    private var successors: [[Int]] = []
    /// For each variable the tasks that read it.
    private var readersOfVariable: [[Int]] = []
    private let memories: [Range<Int>]

    /// Adds to `graph` the copies that updates and outputs need.
    init(_ graph: inout PlanGraph, memories: [Range<Int>]) throws {
        self.memories = memories
        Self.protectOldNumbers(&graph, memories)
        predecessors = graph.tasks.map { task in Set(task.inputs.compactMap { graph.producer(of: $0) }) }
        successors = [[Int]](repeating: [], count: graph.tasks.count)
        readersOfVariable = [[Int]](repeating: [], count: memories.count)
        for (task, earlier) in predecessors.enumerated() {
            for predecessor in earlier { successors[predecessor].append(task) }
            for input in graph.tasks[task].inputs {
                if let variable = graph.variable(viewedBy: input) { readersOfVariable[variable].append(task) }
            }
        }
        let neededByOutputs = ancestors(of: Set(graph.outputs.compactMap { graph.producer(of: $0) }))
        var direct = Set<Int>()
        for (variable, value) in graph.updates {
            if let task = placeDirectly(value, in: variable, graph, neededByOutputs) {
                direct.insert(task)
            } else if !isNoChange(value, variable, graph) {
                graph.addUpdate(of: variable, from: value)
                let producer = graph.producer(of: value)
                predecessors.append(Set([producer].compactMap { $0 }))
                successors.append([])
                if let producer { successors[producer].append(graph.tasks.count - 1) }
            }
        }
        sort(graph, direct, neededByOutputs)
    }

    private func isNoChange(_ value: Int, _ variable: Int, _ graph: PlanGraph) -> Bool {
        graph.variable(viewedBy: value) == variable && graph.base(of: value).bytes == 0
    }

    /// Copies values of variables that are outputs, or the new value of another variable, before they are written.
    private static func protectOldNumbers(_ graph: inout PlanGraph, _ memories: [Range<Int>]) {
        let written = graph.updates.map { memories[$0.variable] }
        func isOverwritten(_ value: Int) -> Bool {
            guard let variable = graph.variable(viewedBy: value) else { return false }
            return written.contains { $0.overlaps(memories[variable]) }
        }
        for (index, output) in graph.outputs.enumerated() where isOverwritten(output) {
            graph.replaceOutput(index, by: graph.addCopy(of: output, key: 0))
        }
        for (index, update) in graph.updates.enumerated() where isOverwritten(update.value) {
            let isSame = graph.variable(viewedBy: update.value) == update.variable
            if isSame, graph.base(of: update.value).bytes == 0 { continue }
            graph.replaceUpdate(index, by: graph.addCopy(of: update.value, key: 0))
        }
    }

    // MARK: Direct writing

    /// The task that computes `value` in the memory of `variable`, or nil where that is not possible.
    private mutating func placeDirectly(
        _ value: Int, in variable: Int, _ graph: PlanGraph, _ neededByOutputs: Set<Int>
    ) -> Int? {
        let (base, offset) = graph.base(of: value)
        guard offset == 0, variableOf[base] == nil, case .task(let task) = graph.values[base].source,
            graph.values[base].type.byteCount == graph.values[value].type.byteCount,
            !neededByOutputs.contains(task)
        else { return nil }
        let isElementwise: Bool
        switch graph.tasks[task].work {
        case .elementwise: isElementwise = true
        case .kernel: isElementwise = false
        case .sums, .concatenation, .copy, .update: return nil
        }
        let memory = memories[variable]
        guard !variableOf.values.contains(where: { memories[$0].overlaps(memory) }) else { return nil }

        // The task itself may read exactly the numbers that it replaces, element by element.
        let own = graph.tasks[task].inputs.indices.filter { index in
            graph.variable(viewedBy: graph.tasks[task].inputs[index]).map { memories[$0].overlaps(memory) } ?? false
        }
        if let operand = own.first {
            let input = graph.tasks[task].inputs[operand]
            guard isElementwise, own.count == 1, let read = graph.variable(viewedBy: input), memories[read] == memory,
                graph.base(of: input).bytes == 0, graph.values[input].type.byteCount == memory.count
            else { return nil }
        }
        // Everything else that reads them must come before.
        let reached = descendants(of: task)
        var readers = Set<Int>()
        for other in memories.indices where memories[other].overlaps(memory) {
            readers.formUnion(readersOfVariable[other])
        }
        readers.remove(task)
        guard reached.isDisjoint(with: readers) else { return nil }
        for reader in readers where predecessors[task].insert(reader).inserted { successors[reader].append(task) }
        variableOf[base] = variable
        if let operand = own.first { overwrittenOperand[base] = operand }
        return task
    }

    private func ancestors(of tasks: Set<Int>) -> Set<Int> {
        var found = tasks
        var pending = Array(tasks)
        while let task = pending.popLast() {
            for earlier in predecessors[task] where found.insert(earlier).inserted { pending.append(earlier) }
        }
        return found
    }

    private func descendants(of task: Int) -> Set<Int> {
        var found: Set<Int> = []
        var pending = [task]
        while let task = pending.popLast() {
            for later in successors[task] where found.insert(later).inserted { pending.append(later) }
        }
        return found
    }

    // MARK: Sorting

    /// First what outputs need, then the rest, then copies; within these by key, as dependencies allow. What writes a
    /// variable comes as soon as it can: the memory of what it reads is free then.
    private mutating func sort(_ graph: PlanGraph, _ direct: Set<Int>, _ neededByOutputs: Set<Int>) {
        let priorities = graph.tasks.enumerated().map { index, task in
            if case .update = task.work { return (2, task.key) }
            if neededByOutputs.contains(index) { return (0, task.key) }
            return (1, direct.contains(index) ? Int.min : task.key)
        }
        var waiting = predecessors.map(\.count)
        var ready = PriorityQueue()
        func isReady(_ task: Int) { ready.insert(task, priority: priorities[task]) }
        for task in graph.tasks.indices where waiting[task] == 0 { isReady(task) }
        while let task = ready.popFirst() {
            order.append(task)
            for reader in successors[task] {
                waiting[reader] -= 1
                if waiting[reader] == 0 { isReady(reader) }
            }
        }
        precondition(order.count == graph.tasks.count, "tasks depend on each other in a circle")
        updateStart = order.firstIndex { direct.contains($0) || priorities[$0].0 == 2 } ?? order.count
    }
}

/// Task numbers, smallest priority first.
private struct PriorityQueue {
    private var heap: [(task: Int, priority: (Int, Int))] = []

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (heap[a].priority.0, heap[a].priority.1, heap[a].task) < (heap[b].priority.0, heap[b].priority.1, heap[b].task)
    }

    mutating func insert(_ task: Int, priority: (Int, Int)) {
        heap.append((task, priority))
        var index = heap.count - 1
        while index > 0, precedes(index, (index - 1) / 2) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func popFirst() -> Int? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var index = 0
            while true {
                var smallest = index
                for child in [2 * index + 1, 2 * index + 2] where child < heap.count && precedes(child, smallest) {
                    smallest = child
                }
                if smallest == index { break }
                heap.swapAt(index, smallest)
                index = smallest
            }
        }
        return first.task
    }
}
