import Datasets
import Foundation
import Testing

@Suite struct BatchSourceTests {
    private typealias Submit = @Sendable (@escaping @Sendable () -> Void) -> Void

    /// Ways in which work may be run: never, at once, on another thread.
    private static let ways: [Submit] = [
        { _ in }, { $0() }, { work in Thread.detachNewThread(work) },
    ]

    /// The samples of all batches in their order.
    private func batches(_ dataset: Dataset, _ options: BatchSource.Options, submit: @escaping Submit) throws
        -> [[Float]]
    {
        let source = try BatchSource(dataset: dataset, options: options, submit: submit)
        var all: [[Float]] = []
        while let batch = try source.next() {
            #expect(batch.step < source.stepsPerEpoch)
            let values = Array(UnsafeBufferPointer(start: batch.values, count: batch.count))
            let labels = Array(UnsafeBufferPointer(start: batch.labels, count: batch.count))
            #expect(labels == values.map { $0.truncatingRemainder(dividingBy: 3) })
            all.append(values)
        }
        return all
    }

    @Test func givesTheEpochsOrderWhoeverFills() throws {
        let data = try numbered(100, classes: 3)
        let expected = (0..<3).flatMap { epoch in
            let order = epochOrder(count: 100, seed: 6, epoch: epoch).map { Float($0) }
            return stride(from: 0, to: 100, by: 32).map { Array(order[$0..<min($0 + 32, 100)]) }
        }
        for buffers in 1...4 {
            for submit in Self.ways {
                let options = BatchSource.Options(batchSize: 32, seed: 6, epochs: 3, buffers: buffers)
                #expect(try batches(data, options, submit: submit) == expected)
            }
        }
    }

    @Test func leavesOutTheShortBatchOnRequest() throws {
        let data = try numbered(100, classes: 3)
        let options = BatchSource.Options(batchSize: 32, isShuffled: false, keepsShortBatch: false, epochs: 2)
        let found = try batches(data, options) { $0() }
        #expect(found.map(\.count) == [32, 32, 32, 32, 32, 32])
        #expect(found[3] == (0..<32).map { Float($0) })
    }

    @Test func resumesInTheMiddle() throws {
        let data = try numbered(100, classes: 3)
        let all = try batches(data, .init(batchSize: 30, seed: 2, epochs: 3)) { $0() }
        let rest = try batches(data, .init(batchSize: 30, seed: 2, epochs: 3, firstEpoch: 1, firstStep: 2)) { $0() }
        #expect(rest == Array(all.dropFirst(6)))
    }

    @Test func mayBeDroppedWhileFilling() throws {
        let data = try numbered(1000, classes: 3)
        for _ in 0..<50 {
            let source = try BatchSource(dataset: data, options: .init(batchSize: 100, buffers: 3)) { work in
                Thread.detachNewThread(work)
            }
            #expect(try source.next()?.count == 100)
        }
    }

    /// Adds the epoch and a hundredth of the sample's position.
    private final class Marking: SampleTransformation {
        func apply(to samples: ArraySlice<Int32>, epoch: Int, values: UnsafeMutablePointer<Float>) throws {
            for (row, sample) in samples.enumerated() { values[row] += Float(epoch) + Float(sample) / 128 }
        }
    }

    private struct Refusal: Error {}

    private final class Refusing: SampleTransformation {
        func apply(to samples: ArraySlice<Int32>, epoch: Int, values: UnsafeMutablePointer<Float>) throws {
            if samples.contains(7) { throw Refusal() }
        }
    }

    @Test func transformsEachSampleOnceWhoeverFills() throws {
        let data = try numbered(100, classes: 3)
        for count in [1, 2, 5] {
            for submit in Self.ways {
                let source = try BatchSource(
                    dataset: data, options: .init(batchSize: 32, seed: 6, epochs: 3, buffers: 3),
                    transformations: (0..<count).map { _ in Marking() }, submit: submit)
                while let batch = try source.next() {
                    let order = epochOrder(count: 100, seed: 6, epoch: batch.epoch).map { Float($0) }
                    let samples = order[batch.step * 32..<min(batch.step * 32 + 32, 100)]
                    let found = Array(UnsafeBufferPointer(start: batch.values, count: batch.count))
                    #expect(found == samples.map { $0 + Float(batch.epoch) + $0 / 128 })
                }
            }
        }
    }

    @Test func aTransformationSeesValuesBeforeTheyAreNormalised() throws {
        let pair = try numbered(90, classes: 3).split(count: 60).normalized()
        let normalization = try #require(pair.normalization)
        let source = try BatchSource(
            dataset: pair.train, options: .init(batchSize: 60, isShuffled: false, epochs: 1),
            transformations: [Marking()])
        let batch = try #require(try source.next())
        let plain = pair.train.normalized(by: nil)
        for index in 0..<60 {
            let raw = try plain.sample(index).values[0] + Float(index) / 128
            let expected = (raw - normalization.mean[0]) * (1 / normalization.standardDeviation[0])
            #expect(abs(batch.values[index] - expected) < 1e-5)
        }
    }

    @Test func whatATransformationThrowsReachesTheCaller() throws {
        for submit in Self.ways {
            let source = try BatchSource(
                dataset: numbered(100, classes: 3), options: .init(batchSize: 30, isShuffled: false),
                transformations: [Refusing(), Refusing()], submit: submit)
            #expect(throws: Refusal.self) { try source.next() }
        }
    }

    @Test func aBatchLargerThanTheSetIsShort() throws {
        let data = try numbered(5, classes: 3)
        #expect(
            try batches(data, .init(batchSize: 1 << 40, isShuffled: false, epochs: 1)) { $0() } == [[0, 1, 2, 3, 4]])
    }

    @Test func refusesWhatGivesNoBatch() throws {
        let data = try numbered(5, classes: 3)
        #expect(throws: DatasetError.self) { try BatchSource(dataset: data, options: .init(batchSize: 0)) }
        #expect(throws: DatasetError.self) { try BatchSource(dataset: data.take(0), options: .init(batchSize: 1)) }
        #expect(throws: DatasetError.self) {
            try BatchSource(dataset: data, options: .init(batchSize: 6, keepsShortBatch: false))
        }
        #expect(throws: DatasetError.self) { try BatchSource(dataset: data, options: .init(batchSize: 1, buffers: 0)) }
        #expect(throws: DatasetError.self) { try BatchSource(dataset: data, options: .init(batchSize: 1, epochs: -1)) }
    }
}
