import Testing

extension Array where Element == Float {
    var doubles: [Double] { map(Double.init) }
    /// The bits, so that NaN equals itself and -0 differs from 0.
    var bits: [UInt32] { map(\.bitPattern) }

    /// The array at an address that is no multiple of a vector: `offset` floats into an allocation.
    func atOffset<Result>(_ offset: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> (Result, [Float]) {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: count + offset + 1)
        defer { memory.deallocate() }
        memory.initialize(repeating: 0, count: count + offset + 1)
        (memory + offset).update(from: self, count: count)
        let result = body(memory + offset)
        return (result, [Float](UnsafeBufferPointer(start: memory + offset, count: count)))
    }
}

/// The first place where two results differ by more than `tolerance * (1 + |expected|)`, or nil.
func firstDifference(_ actual: [Float], _ expected: [Double], tolerance: Double) -> String? {
    if actual.count != expected.count { return "\(actual.count) elements, not \(expected.count)" }
    for (index, (a, e)) in zip(actual, expected).enumerated() {
        if a.isNaN && e.isNaN || Double(a) == e { continue }
        if !(abs(Double(a) - e) <= tolerance * (1 + abs(e))) { return "[\(index)] is \(a), not \(e)" }
    }
    return nil
}
