import Datasets
import Graphs
import Networks
import Scheduling
import Tensors
import Testing
import Training

/// An augmentation whose body is a closure.
private struct TestAugmentation: AugmentationDefinition {
    let name = "test"
    let body: (Node, AugmentationTrace) throws -> Node

    func trace(_ image: Node, into trace: AugmentationTrace) throws -> Node { try body(image, trace) }

    /// Another brightness for each image, and another offset for each pixel.
    static var noisy: TestAugmentation {
        TestAugmentation { image, trace in
            let factor = try trace.uniform(in: 0.5...2)
            let noise = try trace.builder.multiply(trace.uniform(image.shape), 0.1)
            return try trace.applied(
                trace.builder.add(trace.builder.multiply(image, factor), noise), withProbability: 0.7, else: image)
        }
    }
}

@Suite("Augmentations in training")
struct AugmentationTrainingTests {
    /// `count` images of 3 × 2 pixels in two classes.
    private func images(_ count: Int) throws -> Dataset {
        let values = (0..<count * 6).map { Float($0 * 7 % 23) / 23 }
        return Dataset(
            name: "images",
            store: try SampleStore(
                values: .floats(values), sampleShape: [3, 2, 1],
                targets: .classes((0..<Int32(count)).map { $0 % 2 }, names: ["a", "b"])))
    }

    private func request(threads: Int = 2) throws -> FitRequest {
        let flat = TestNetwork(name: "Flat") { x, trace in
            try trace.dense(trace.builder.reshape(x, to: [x.shape[0], 6]), 2)
        }
        var request = FitRequest(
            flat, on: try images(100), loss: Sample.crossEntropy, optimizer: .sgd(0.1))
        request.batch = 32
        request.epochs = 3
        request.seed = 5
        request.pool = ThreadPool(threads: threads, limit: threads)
        request.augmentation = TestAugmentation.noisy
        return request
    }

    @Test func threadsChangeNoBit() throws {
        let results = try [1, 2, 3, 8].map { try fit(request(threads: $0)) }
        for result in results.dropFirst() {
            #expect(result.weights.bytes == results[0].weights.bytes)
            #expect(result.history == results[0].history)
        }
        var plain = try request()
        plain.augmentation = nil
        #expect(try fit(plain).weights.bytes != results[0].weights.bytes)
    }

    @Test(arguments: [1, 4, 6, 11])
    func aRunCutAtAnyStepGoesOnAsOne(step: Int) throws {
        let whole = try fit(request())
        var part = try request()
        part.maximumSteps = step
        var rest = try request()
        rest.resume = try fit(part).state
        let resumed = try fit(rest)
        #expect(resumed.weights.bytes == whole.weights.bytes)
        #expect(resumed.history == whole.history)
    }

    /// The augmented image of each sample, from batches of one size.
    private func samples(batch: Int, epoch: Int) throws -> [Int32: [Float]] {
        let data = try images(50)
        let pool = ThreadPool(threads: 2, limit: 2)
        let traced = try TracedAugmentation(
            TestAugmentation.noisy, for: data, seed: 3, builder: GraphBuilder(pool: pool))
        let source = try BatchSource(
            dataset: data, options: .init(batchSize: batch, seed: 3, epochs: epoch + 1, firstEpoch: epoch),
            transformations: [ImageAugmenter(traced, pool: pool), ImageAugmenter(traced, pool: pool)],
            submit: { pool.submitBackground($0) })
        let order = epochOrder(count: 50, seed: 3, epoch: epoch)
        var found: [Int32: [Float]] = [:]
        while let filled = try source.next() {
            for row in 0..<filled.count {
                found[order[filled.step * batch + row]] = (0..<6).map { filled.values[row * 6 + $0] }
            }
        }
        return found
    }

    @Test func anImageDependsOnSeedEpochAndSampleOnly() throws {
        let found = try samples(batch: 7, epoch: 1)
        #expect(found.count == 50)
        #expect(try samples(batch: 50, epoch: 1) == found)
        #expect(try samples(batch: 1, epoch: 1) == found)
        let other = try samples(batch: 7, epoch: 2)
        #expect(found.keys.filter { found[$0] != other[$0] }.count > 30)
    }

    /// One step of gradient descent on mixed images against the formula.
    @Test func mixingIsThatOfImagesAndOfLosses() throws {
        let share = 0.7
        let data = try images(4)
        func request(_ body: @escaping (Node, AugmentationTrace) throws -> Node) throws -> FitRequest {
            var request = try self.request()
            request.train = data
            request.batch = 4
            request.epochs = 1
            request.precision = .float64
            request.augmentation = TestAugmentation(body: body)
            return request
        }
        let mixed = try fit(
            request { image, trace in
                try trace.mix(share: trace.builder.scalar(share, .float32), image: image)
                return image
            })
        // The same images and losses, written out as eight weighted samples.
        let order = epochOrder(count: 4, seed: 5, epoch: 0)
        let rows = try order.map { try data.sample(Int($0)) }
        var plain = try request { image, _ in image }
        plain.augmentation = nil
        let builder = GraphBuilder(pool: plain.pool)
        let weights = try initialWeights(plain.definition, sampleShape: [3, 2, 1], seed: 5, precision: .float64)
        let matrix = try #require(weights["dense1.W"]).doubles
        var gradient = [Double](repeating: 0, count: 12)
        for index in 0..<4 {
            let partner = rows[(index + 3) % 4]
            let x = zip(rows[index].values, partner.values).map {
                let lambda = Double(Float(share))
                return lambda * Double($0) + (1 - lambda) * Double($1)
            }
            let logits = (0..<2).map { unit in (0..<6).reduce(0) { $0 + x[$1] * matrix[$1 * 2 + unit] } }
            let p = try #require(
                try builder.call("softmax", builder.constant(Tensor(logits, shape: [2]))).value
            ).doubles
            for unit in 0..<2 {
                let own = Int(rows[index].label[0]) == unit ? Double(Float(share)) : 0
                let other = Int(partner.label[0]) == unit ? 1 - Double(Float(share)) : 0
                for feature in 0..<6 { gradient[feature * 2 + unit] += x[feature] * (p[unit] - own - other) / 4 }
            }
        }
        let found = try #require(mixed.weights["dense1.W"]).doubles
        for index in 0..<12 { #expect(abs(found[index] - (matrix[index] - 0.1 * gradient[index])) < 1e-9) }
    }

    @Test func mixingRefusesWhatIsNoShare() throws {
        let data = try images(4)
        let builder = GraphBuilder(pool: ThreadPool(threads: 1))
        func trace(_ body: @escaping (Node, AugmentationTrace) throws -> Node) throws {
            _ = try TracedAugmentation(TestAugmentation(body: body), for: data, seed: 0, builder: builder)
        }
        #expect(throws: OperationError.self) {
            try trace { image, trace in
                try trace.mix(share: builder.mean(image), image: image)
                return image
            }
        }
        #expect(throws: OperationError.self) {
            try trace { image, trace in
                try trace.mix(share: trace.uniform([2]), image: image)
                return image
            }
        }
        #expect(throws: OperationError.self) {
            try trace { image, trace in
                try trace.mix(share: trace.beta(1, 1), image: image)
                try trace.mix(share: trace.beta(1, 1), image: image)
                return image
            }
        }
    }

    @Test func onlyImagesThatKeepTheirShapeAreTrainedOn() throws {
        var table = try Sample.moonsRequest()
        table.augmentation = TestAugmentation.noisy
        #expect(throws: OperationError.self) { try checkFit(table) }
        #expect(throws: OperationError.self) { try fit(table) }
        var smaller = try request()
        smaller.augmentation = TestAugmentation { image, trace in
            try trace.builder.call(
                "slice", image, attributes: ["starts": .integers([1]), "stops": .integers([3])])
        }
        let error = #expect(throws: OperationError.self) { try checkFit(smaller) }
        #expect(error?.expected == "[3, 2, 1]")
        #expect(error?.found == "[2, 2, 1]")
    }

    /// The mean a / (a + b), and the variance.
    @Test(arguments: [(0.2, 0.2), (1.0, 1.0), (2.0, 5.0), (0.5, 3.0)])
    func betaHasItsMoments(a: Double, b: Double) throws {
        let builder = GraphBuilder(pool: ThreadPool(threads: 1))
        let count = 4000
        let values = try (0..<count).map { step in
            let key = try builder.scalar(Double(step))
            let trace = AugmentationTrace(builder: builder, key: key, seed: 1)
            return try #require(try trace.beta(a, b).value)[flat: 0]
        }
        #expect(values.allSatisfy { 0...1 ~= $0 })
        let mean = values.reduce(0, +) / Double(count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        let expected = a * b / ((a + b) * (a + b) * (a + b + 1))
        #expect(abs(mean - a / (a + b)) < 4 * (expected / Double(count)).squareRoot())
        #expect(abs(variance - expected) < 0.1 * expected)
    }
}
