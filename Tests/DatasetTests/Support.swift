import CZlib
import Datasets
import Foundation
import Testing

/// A folder that is there for the length of a test.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}

/// The bytes of an idx file.
func idx(_ shape: [Int], _ elements: [UInt8], type: UInt8 = 8) -> [UInt8] {
    let sizes = shape.flatMap { size in (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } }
    return [0, 0, type, UInt8(shape.count)] + sizes + elements
}

/// The bytes compressed as a gzip file.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let started = deflateInit2_(
        stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    try #require(started == Z_OK)
    defer { deflateEnd(stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + 100)
    let length = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            _ = deflate(stream, Z_FINISH)
            return output.count - Int(stream.pointee.avail_out)
        }
    }
    return Array(output.prefix(length))
}

/// The error that an expression throws.
func datasetError<Value>(_ body: () throws -> Value) throws -> DatasetError {
    try #require(throws: DatasetError.self) { try body() }
}

/// All samples of a dataset and their labels in order.
func contents(_ dataset: Dataset) -> (values: [Float], labels: [Float]) {
    var values = [Float](repeating: 0, count: dataset.size * dataset.sampleSize)
    var labels = [Float](repeating: 0, count: dataset.size * dataset.labelSize)
    let indices = (0..<Int32(dataset.size)).map { $0 }
    // swift-format-ignore: NeverUseForceTry
    try! values.withUnsafeMutableBufferPointer { valuesOut in
        try labels.withUnsafeMutableBufferPointer { labelsOut in
            if let valuesBase = valuesOut.baseAddress, let labelsBase = labelsOut.baseAddress {
                try dataset.fill(indices: indices[...], into: valuesBase, labels: labelsBase)
            }
        }
    }
    return (values, labels)
}

/// `count` samples of one byte, the number of the sample, with classes that take turns.
func numbered(_ count: Int, classes: Int) throws -> Dataset {
    let store = try SampleStore(
        values: .floats((0..<count).map { Float($0) }), sampleShape: [1],
        targets: .classes((0..<count).map { Int32($0 % classes) }, names: (0..<classes).map { "class \($0)" }))
    return Dataset(name: "numbered", store: store)
}
