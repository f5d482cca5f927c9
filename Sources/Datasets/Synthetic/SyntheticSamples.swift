/// The random numbers of one synthetic sample: pure functions of (seed, stream, sample, draw).
struct SampleRandom {
    let random: Philox
    let sample: Int

    /// Two independent numbers, uniform in [0, 1).
    func uniforms(draw: UInt32) -> (Double, Double) { random.uniforms(sample, part: draw) }

    /// Two independent numbers of the standard normal distribution.
    func normals(draw: UInt32) -> (Double, Double) { random.normals(sample, part: draw) }
}

/// Draw numbers below this one belong to the shape of a set; the noise takes this one.
private let noiseDraw: UInt32 = 1000

/// Makes both splits of a set of labelled points in the plane.
///
/// - Parameters:
///   - point: The place of a sample without noise and its class.
///   - noise: Standard deviation of the normal noise added to both coordinates.
/// - Throws: `DatasetError` on sizes or a noise that make no set.
func planePoints(
    name: String, n: Int, testCount: Int?, noise: Double, seed: UInt64, classCount: Int,
    point: (SampleRandom) -> (x: Double, y: Double, label: Int)
) throws -> DatasetPair {
    try synthetic(name: name, n: n, testCount: testCount, noise: noise) { split, count, stream in
        var values: [Float] = []
        var labels: [Int32] = []
        values.reserveCapacity(2 * count)
        labels.reserveCapacity(count)
        for sample in 0..<count {
            let random = SampleRandom(random: Philox(seed: seed, stream: stream), sample: sample)
            let place = point(random)
            let shift = random.normals(draw: noiseDraw)
            values.append(Float(place.x + noise * shift.0))
            values.append(Float(place.y + noise * shift.1))
            labels.append(Int32(place.label))
        }
        let names = (0..<classCount).map { String($0) }
        let store = try SampleStore(
            values: .floats(values), sampleShape: [2], targets: .classes(labels, names: names))
        return Dataset(name: split, store: store)
    }
}

/// Makes both splits of a set of numbers `y = function(x) + noise`, x uniform in -1...1.
func curvePoints(
    name: String, n: Int, testCount: Int?, noise: Double, seed: UInt64, function: (Double) -> Double
) throws -> DatasetPair {
    try synthetic(name: name, n: n, testCount: testCount, noise: noise) { split, count, stream in
        var inputs: [Float] = []
        var outputs: [Float] = []
        for sample in 0..<count {
            let random = SampleRandom(random: Philox(seed: seed, stream: stream), sample: sample)
            let x = 2 * random.uniforms(draw: 0).0 - 1
            inputs.append(Float(x))
            outputs.append(Float(function(x) + noise * random.normals(draw: noiseDraw).0))
        }
        let store = try SampleStore(
            values: .floats(inputs), sampleShape: [1], targets: .values(outputs, width: 1))
        return Dataset(name: split, store: store)
    }
}

/// Makes both splits of a set of normal numbers whose classes mean nothing.
func noiseSamples(
    name: String, sampleShape: [Int], classCount: Int, n: Int, testCount: Int?, seed: UInt64
) throws -> DatasetPair {
    let size = sampleShape.reduce(1) { $0.multipliedReportingOverflow(by: $1).overflow ? Int.max : $0 * $1 }
    guard sampleShape.allSatisfy({ $0 > 0 }), size <= largestSyntheticSet / max(max(n, testCount ?? n), 1) else {
        throw DatasetError("\(name) cannot have \(n) samples of the shape \(sampleShape)")
    }
    guard classCount >= 1 else { throw DatasetError("\(name) cannot have \(classCount) classes, expected 1 or more") }
    return try synthetic(name: name, n: n, testCount: testCount, noise: 0) { split, count, stream in
        let random = Philox(seed: seed, stream: stream)
        let total = count * size
        let values = [Float](unsafeUninitializedCapacity: total) { buffer, initialized in
            for pair in 0..<(total + 1) / 2 {
                let (first, second) = random.normals(pair, part: 0)
                buffer.initializeElement(at: 2 * pair, to: Float(first))
                if 2 * pair + 1 < total { buffer.initializeElement(at: 2 * pair + 1, to: Float(second)) }
            }
            initialized = total
        }
        let labels = (0..<count).map { Int32(random.uniforms($0, part: 1).0 * Double(classCount)) }
        let store = try SampleStore(
            values: .floats(values), sampleShape: sampleShape,
            targets: .classes(labels, names: (0..<classCount).map { String($0) }))
        return Dataset(name: split, store: store)
    }
}

private let largestSyntheticSet = 100_000_000

private func synthetic(
    name: String, n: Int, testCount: Int?, noise: Double,
    make: (_ split: String, _ count: Int, _ stream: Philox.Stream) throws -> Dataset
) throws -> DatasetPair {
    for count in [n, testCount ?? n] where count < 1 || count > largestSyntheticSet {
        throw DatasetError("\(name) cannot have \(count) samples, expected 1...\(largestSyntheticSet)")
    }
    guard noise >= 0, noise.isFinite else {
        throw DatasetError("\(name) cannot have the noise \(noise), expected a standard deviation of 0 or more")
    }
    return try DatasetPair(
        name: name, train: make("\(name).train", n, .syntheticTrain),
        test: make("\(name).test", testCount ?? n, .syntheticTest))
}
