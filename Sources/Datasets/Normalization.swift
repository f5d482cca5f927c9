/// Subtracts a mean and divides by a standard deviation, each of the last axis of a sample: of an image's channels, of a
/// table's features.
public struct Normalization: Sendable, Hashable {
    /// One a channel (or feature), in the units of the values that `fill` writes.
    public let mean: [Float]
    /// One a channel (or feature); 1 where the values do not vary.
    public let standardDeviation: [Float]

    /// Measures the samples of `dataset` as `fill` would write them, in float64.
    init(measuring dataset: Dataset) throws {
        let channels = dataset.sampleShape.last ?? 1
        var sums = [Double](repeating: 0, count: channels)
        var squares = [Double](repeating: 0, count: channels)
        let chunk = 256
        var values = [Float](repeating: 0, count: chunk * dataset.sampleSize)
        var labels = [Float](repeating: 0, count: chunk * dataset.labelSize)
        // The sum of squares is taken about a first guess of the mean, so that a large offset does not cancel it.
        var guess: [Double] = []
        for start in stride(from: 0, to: dataset.size, by: chunk) {
            let indices = (start..<min(start + chunk, dataset.size)).map { Int32($0) }
            try values.withUnsafeMutableBufferPointer { valuesOut in
                try labels.withUnsafeMutableBufferPointer { labelsOut in
                    guard let valuesBase = valuesOut.baseAddress, let labelsBase = labelsOut.baseAddress else {
                        return
                    }
                    try dataset.fill(indices: indices[...], into: valuesBase, labels: labelsBase)
                    if guess.isEmpty { guess = (0..<channels).map { Double(valuesBase[$0]) } }
                    for index in 0..<indices.count * dataset.sampleSize {
                        let channel = index % channels
                        let distance = Double(valuesBase[index]) - guess[channel]
                        sums[channel] += distance
                        squares[channel] += distance * distance
                    }
                }
            }
        }
        let count = Double(max(dataset.size * dataset.sampleSize / max(channels, 1), 1))
        if guess.isEmpty { guess = Array(repeating: 0, count: channels) }
        mean = (0..<channels).map { Float(guess[$0] + sums[$0] / count) }
        standardDeviation = (0..<channels).map { channel in
            let distance = sums[channel] / count
            let deviation = Float(max(squares[channel] / count - distance * distance, 0).squareRoot())
            return deviation > 0 && deviation.isFinite ? deviation : 1
        }
    }

    func apply(to values: UnsafeMutablePointer<Float>, count: Int) {
        let channels = mean.count
        if channels == 1 {
            let (center, scale) = (mean[0], 1 / standardDeviation[0])
            for index in 0..<count { values[index] = (values[index] - center) * scale }
            return
        }
        let scales = standardDeviation.map { 1 / $0 }
        for start in stride(from: 0, to: count, by: channels) {
            for channel in 0..<channels {
                values[start + channel] = (values[start + channel] - mean[channel]) * scales[channel]
            }
        }
    }
}
