extension Dataset {
    /// Writes the samples at `indices` one after the other as float32, and their labels.
    ///
    /// Safe to call from several threads at once. A label is the class number as a float, or the target's numbers.
    ///
    /// - Parameters:
    ///   - indices: Positions in this dataset, each in `0..<size`.
    ///   - values: Room for `indices.count * sampleSize` numbers: `[indices.count] + sampleShape`, row-major.
    ///   - labels: Room for `indices.count * labelSize` numbers.
    /// - Throws: `FileError`, `DatasetError` where an image file is gone or damaged.
    public func fill(
        indices: ArraySlice<Int32>, into values: UnsafeMutablePointer<Float>, labels: UnsafeMutablePointer<Float>
    ) throws {
        try indices.withUnsafeBufferPointer { try fill(indices: $0, into: values, labels: labels) }
    }

    /// As `fill(indices:into:labels:)` with a slice.
    public func fill(
        indices: UnsafeBufferPointer<Int32>, into values: UnsafeMutablePointer<Float>,
        labels: UnsafeMutablePointer<Float>
    ) throws {
        precondition(indices.allSatisfy { $0 >= 0 && $0 < size }, "a batch holds positions inside its dataset")
        try fillValues(indices, into: values)
        fillLabels(indices, into: labels)
    }

    /// The place in the store of the sample at `position`.
    func place(_ position: Int32) -> Int {
        Int(selection.map { $0[Int(position)] } ?? position)
    }

    private func fillValues(_ indices: UnsafeBufferPointer<Int32>, into output: UnsafeMutablePointer<Float>) throws {
        let sampleSize = self.sampleSize
        switch store.values {
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { source in
                guard let base = source.baseAddress else { return }
                for (row, position) in indices.enumerated() {
                    let from = base + place(position) * sampleSize
                    let to = output + row * sampleSize
                    for offset in 0..<sampleSize { to[offset] = Float(from[offset]) / 255 }
                }
            }
        case .floats(let floats):
            floats.withUnsafeBufferPointer { source in
                guard let base = source.baseAddress else { return }
                for (row, position) in indices.enumerated() {
                    (output + row * sampleSize).update(
                        from: base + place(position) * sampleSize, count: sampleSize)
                }
            }
        case .images(let images):
            for (row, position) in indices.enumerated() {
                try images.read(place(position), into: output + row * sampleSize)
            }
        }
        normalization?.apply(to: output, count: indices.count * sampleSize)
    }

    private func fillLabels(_ indices: UnsafeBufferPointer<Int32>, into output: UnsafeMutablePointer<Float>) {
        switch store.targets {
        case .classes(let labels, _):
            for (row, position) in indices.enumerated() {
                let label = labels[place(position)]
                output[row] = Float(relabelling.map { $0[Int(label)] } ?? label)
            }
        case .values(let numbers, let width):
            for (row, position) in indices.enumerated() {
                let first = place(position) * width
                for offset in 0..<width { output[row * width + offset] = numbers[first + offset] }
            }
        }
    }
}
