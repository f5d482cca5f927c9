import Graphs
import Scheduling
import Tensors
import Testing

/// Memory that is shared in awkward ways.
@Suite struct PlanHazardTests {
    private let builder = GraphBuilder(pool: ThreadPool(threads: 2))
    private let vector = TensorType(.float64, [3])

    private func tensor(_ numbers: [Double]) throws -> Tensor { try Tensor(numbers, shape: [numbers.count]) }

    @Test func exchangesTwoVariables() throws {
        let (a, b) = (builder.placeholder("a", vector), builder.placeholder("b", vector))
        let (memoryA, memoryB) = (try tensor([1, 2, 3]), try tensor([4, 5, 6]))
        let plan = try Plan(
            PlanDescription(variables: [(a, memoryA), (b, memoryB)], updates: [(a, b), (b, a)]), pool: builder.pool)
        try plan.run()
        #expect(memoryA.doubles == [4, 5, 6])
        #expect(memoryB.doubles == [1, 2, 3])
    }

    @Test func updatesReadOldNumbers() throws {
        let (a, b) = (builder.placeholder("a", vector), builder.placeholder("b", vector))
        let (memoryA, memoryB) = (try tensor([1, 2, 3]), try tensor([4, 5, 6]))
        let plan = try Plan(
            PlanDescription(
                variables: [(a, memoryA), (b, memoryB)],
                updates: [(a, try builder.add(b, 1)), (b, try builder.multiply(a, 10))]), pool: builder.pool)
        try plan.run()
        #expect(memoryA.doubles == [5, 6, 7])
        #expect(memoryB.doubles == [10, 20, 30])
    }

    @Test func outputOfAVariableIsItsOldValue() throws {
        let a = builder.placeholder("a", vector)
        let memory = try tensor([1, 2, 3])
        let new = try builder.add(a, 1)
        let plan = try Plan(
            PlanDescription(
                variables: [(a, memory)], outputs: [a, new, try builder.sum(a)], updates: [(a, new)]),
            pool: builder.pool)
        try plan.run()
        #expect(plan.doubles(0, vector) == [1, 2, 3])
        #expect(plan.doubles(1, vector) == [2, 3, 4])
        #expect(plan.doubles(2, TensorType(.float64, [])) == [6])
        #expect(memory.doubles == [2, 3, 4])
    }

    @Test func outputMayBeAnInputAndFollowsItsBinding() throws {
        let x = builder.placeholder("x", vector)
        let plan = try Plan(
            PlanDescription(inputs: [x], outputs: [x, try builder.reshape(x, to: [3, 1])]), pool: builder.pool)
        let numbers = try tensor([7, 8, 9])
        plan.bind(input: 0, to: numbers.pointer)
        try plan.run()
        #expect(plan.output(0) == UnsafeRawPointer(numbers.pointer))
        #expect(plan.doubles(1, vector) == [7, 8, 9])
        plan.write(try tensor([1, 2, 3]), toInput: 0)
        try plan.run()
        #expect(plan.doubles(0, vector) == [1, 2, 3])
    }

    @Test func sameNodeTwiceInAConcatenation() throws {
        let x = builder.placeholder("x", vector)
        let y = try builder.matmul(x, x)
        let part = try builder.reshape(try builder.multiply(x, y), to: [3])
        let joined = try apply("concat", [part, part, x], ["axis": .integer(0)], builder)
        let nested = try apply("concat", [joined, part], ["axis": .integer(0)], builder)
        let plan = try Plan(
            PlanDescription(inputs: [x], outputs: [nested, joined, part]), pool: builder.pool)
        plan.write(try tensor([1, 2, 3]), toInput: 0)
        try plan.run()
        let expected: [Double] = [14, 28, 42]
        #expect(plan.doubles(0, TensorType(.float64, [12])) == expected + expected + [1, 2, 3] + expected)
        #expect(plan.doubles(1, TensorType(.float64, [9])) == expected + expected + [1, 2, 3])
        #expect(plan.doubles(2, vector) == expected)
    }

    @Test func variableThatViewsAnotherIsReadBeforeItIsWritten() throws {
        let storage = try tensor([1, 2, 3, 4]).storage
        let whole = Tensor(elementType: .float64, shape: [4], storage: storage, offset: 0)
        let part = Tensor(elementType: .float64, shape: [2], storage: storage, offset: 2)
        let (theta, w) = (builder.placeholder("theta", whole.type), builder.placeholder("w", part.type))
        // The update of all is made from the part, shifted: it cannot be computed in place.
        let value = try apply("concat", [w, try builder.multiply(w, 2)], ["axis": .integer(0)], builder)
        let plan = try Plan(
            PlanDescription(
                variables: [(theta, whole), (w, part)], outputs: [try builder.sum(w)],
                updates: [(theta, try builder.add(value, theta))]),
            pool: builder.pool)
        try plan.run()
        #expect(whole.doubles == [4, 6, 9, 12])
        #expect(plan.doubles(0, TensorType(.float64, [])) == [7])
    }

    @Test func oneValueForTwoVariables() throws {
        let (a, b) = (builder.placeholder("a", vector), builder.placeholder("b", vector))
        let (memoryA, memoryB) = (try tensor([1, 2, 3]), try tensor([4, 5, 6]))
        let sum = try builder.add(a, b)
        let plan = try Plan(
            PlanDescription(variables: [(a, memoryA), (b, memoryB)], updates: [(a, sum), (b, sum)]),
            pool: builder.pool)
        try plan.run()
        #expect(memoryA.doubles == [5, 7, 9])
        #expect(memoryB.doubles == [5, 7, 9])
    }

    @Test func guardLeavesVariablesAndNamesTheFirstCause() throws {
        let (x, a) = (builder.placeholder("x", vector), builder.placeholder("a", vector))
        let memory = try tensor([1, 2, 3])
        builder.scope = "layer1"
        builder.origin = Origin(source: 0, lower: 5, upper: 9)
        let logarithm = try apply("log", [x], .none, builder)
        builder.scope = "layer2"
        let loss = try builder.sum(builder.multiply(logarithm, a))
        builder.scope = nil
        let plan = try Plan(
            PlanDescription(
                inputs: [x], variables: [(a, memory)], outputs: [loss], updates: [(a, try builder.add(a, logarithm))]),
            pool: builder.pool)
        plan.write(try tensor([1, 0, 2]), toInput: 0)
        #expect(
            throws: NonFiniteValue(
                operation: "log", name: nil, scope: "layer1", origin: Origin(source: 0, lower: 5, upper: 9))
        ) { try plan.run(guarding: 0) }
        #expect(memory.doubles == [1, 2, 3])
        plan.write(try tensor([1, 1, 1]), toInput: 0)
        try plan.run(guarding: 0)
        #expect(plan.doubles(0, TensorType(.float64, [])) == [0])
    }

    @Test func refusesMoreThanThereIsMemory() throws {
        let x = builder.placeholder("x", TensorType(.float32, [1 << 16, 1]))
        builder.scope = "huge"
        let product = try builder.matmul(x, builder.reshape(x, to: [1, 1 << 16]))
        builder.scope = nil
        let error = #expect(throws: PlanAllocationError.self) {
            try Plan(PlanDescription(inputs: [x], outputs: [try builder.sum(product)]), pool: builder.pool)
        }
        #expect(error?.largest.first?.operation == "matmul")
        #expect(error?.largest.first?.scope == "huge")
        #expect((error?.requestedBytes ?? 0) >= 1 << 34)
    }

    @Test func refusesAPlaceholderThatNobodyFills() throws {
        let x = builder.placeholder("x", vector)
        #expect(throws: OperationError.self) {
            try Plan(PlanDescription(outputs: [try builder.add(x, 1)]), pool: builder.pool)
        }
    }
}
