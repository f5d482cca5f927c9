/// One tensor in NumPy's npy format.
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. Written as version 1.0 in C order.
public enum NumpyArray {
    private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

    /// Shape and element type of the tensor that `parse` gives, by a file's beginning.
    ///
    /// - Throws: `TensorError` where the bytes are no npy file or its header is truncated.
    public static func type(of bytes: [UInt8]) throws -> TensorType {
        let (header, _) = try header(of: bytes)
        guard header.shape.count <= Int.max / 16 else { throw tooLarge(header) }
        return TensorType(header.element.result, header.shape)
    }

    /// Reads a whole file of float16, float32, float64, integers of 1, 2, 4 or 8 bytes, or booleans, of either order of
    /// bytes, in C or Fortran order. float16 becomes float32, integers become float64.
    ///
    /// - Throws: `TensorError` where the bytes are no npy file or are truncated, `AllocationError` where memory is
    ///   refused.
    public static func parse(_ bytes: [UInt8]) throws -> Tensor {
        let (header, start) = try header(of: bytes)
        let data = bytes[start...]
        let count = header.shape.count
        let (size, overflow) = count.multipliedReportingOverflow(by: header.element.byteCount)
        guard !overflow, count < Int.max else { throw tooLarge(header) }
        guard size == data.count else {
            throw TensorError(
                "a shape \(header.shape) of '\(header.element.code)' does not take the \(data.count) bytes that are there",
                hint: "the file is truncated")
        }
        let result = try Tensor(uninitialized: TensorType(header.element.result, header.shape))
        Array(data).withUnsafeBytes { source in
            for (target, index) in header.order().enumerated() {
                let value = header.element.read(source, index)
                switch header.element.result {
                case .float32: result.pointer.assumingMemoryBound(to: Float.self)[target] = Float(value)
                case .float64: result.pointer.assumingMemoryBound(to: Double.self)[target] = value
                }
            }
        }
        return result
    }

    private static func header(of bytes: [UInt8]) throws -> (header: Header, dataStart: Int) {
        guard bytes.count >= 10, Array(bytes[..<6]) == magic else {
            throw TensorError("an npy file begins with \\x93NUMPY", hint: "is it a file of numpy.save?")
        }
        let version = bytes[6]
        guard 1...3 ~= version else { throw TensorError("npy files of version \(version) are unknown") }
        let lengthBytes = version == 1 ? 2 : 4
        guard bytes.count >= 8 + lengthBytes else { throw TensorError("the npy file is truncated") }
        let headerLength = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
        let start = 8 + lengthBytes
        guard headerLength <= bytes.count - start else { throw TensorError("the header of the npy file is truncated") }
        return (try Header(parsing: Array(bytes[start..<start + headerLength])), start + headerLength)
    }

    private static func tooLarge(_ header: Header) -> TensorError {
        TensorError(
            "the header of the npy file promises a shape \(header.shape), more than any file can hold",
            hint: "the file is damaged")
    }

    /// The bytes of a file with the tensor.
    public static func encoded(_ tensor: Tensor) -> [UInt8] {
        let shape = tensor.shape.dimensions.map { "\($0)," }.joined(separator: " ")
        let code = tensor.elementType == .float32 ? "<f4" : "<f8"
        var header = Array("{'descr': '\(code)', 'fortran_order': False, 'shape': (\(shape)), }".utf8)
        // Magic, version, length, header and a newline take a multiple of 64 bytes.
        let spaces = (64 - (10 + header.count + 1) % 64) % 64
        header += [UInt8](repeating: UInt8(ascii: " "), count: spaces) + [0x0A]
        var bytes = magic + [1, 0, UInt8(header.count & 0xFF), UInt8(header.count >> 8)] + header
        withExtendedLifetime(tensor.storage) {
            bytes += UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.byteCount)
        }
        return bytes
    }

    /// How one element stands in the file.
    private struct Element {
        var code: String
        var byteCount: Int
        var result: ElementType
        var read: (UnsafeRawBufferPointer, Int) -> Double

        init?(_ code: String) {
            self.code = code
            guard let order = code.first, "<>|=".contains(order) else { return nil }
            let isBig = order == ">"
            func bits<Number: FixedWidthInteger>(_ source: UnsafeRawBufferPointer, _ index: Int, _: Number.Type)
                -> Number
            {
                let raw = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Number>.size, as: Number.self)
                return isBig ? Number(bigEndian: raw) : Number(littleEndian: raw)
            }
            func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> (
                Int, ElementType, (UnsafeRawBufferPointer, Int) -> Double
            ) {
                (MemoryLayout<Number>.size, .float64, { Double(bits($0, $1, type)) })
            }
            switch code.dropFirst() {
            case "f2": (byteCount, result, read) = (2, .float32, { halfPrecision(bits($0, $1, UInt16.self)) })
            case "f4":
                (byteCount, result, read) = (4, .float32, { Double(Float(bitPattern: bits($0, $1, UInt32.self))) })
            case "f8": (byteCount, result, read) = (8, .float64, { Double(bitPattern: bits($0, $1, UInt64.self)) })
            case "u1", "b1": (byteCount, result, read) = integer(UInt8.self)
            case "i1": (byteCount, result, read) = integer(Int8.self)
            case "u2": (byteCount, result, read) = integer(UInt16.self)
            case "i2": (byteCount, result, read) = integer(Int16.self)
            case "u4": (byteCount, result, read) = integer(UInt32.self)
            case "i4": (byteCount, result, read) = integer(Int32.self)
            case "u8": (byteCount, result, read) = integer(UInt64.self)
            case "i8": (byteCount, result, read) = integer(Int64.self)
            default: return nil
            }
        }
    }

    /// The dictionary that describes the elements, a literal of Python.
    private struct Header {
        var element: Element
        var isFortran: Bool
        var shape: Shape

        init(parsing bytes: [UInt8]) throws {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.unreadable }
            // The three keys may stand in any order; none of the values holds a quote, a brace or a key.
            let compact = text.filter { !$0.isWhitespace }
            guard compact.first == "{", compact.last == "}",
                let code = Self.value(after: "'descr':'", until: "'", in: compact),
                let fortran = Self.value(after: "'fortran_order':", until: ",", in: compact)
                    ?? Self.value(after: "'fortran_order':", until: "}", in: compact),
                let extents = Self.value(after: "'shape':(", until: ")", in: compact)
            else { throw Self.unreadable }
            guard let element = Element(code) else {
                throw TensorError(
                    "an npy file of '\(code)' cannot be read",
                    hint: "float16, float32, float64, integers and booleans can")
            }
            guard fortran == "True" || fortran == "False" else { throw Self.unreadable }
            let dimensions = try extents.split(separator: ",").map { digits in
                guard let extent = Int(digits), extent >= 0 else { throw Self.unreadable }
                return extent
            }
            self.element = element
            isFortran = fortran == "True"
            shape = Shape(dimensions)
        }

        private static let unreadable = TensorError("the header of the npy file is not one of NumPy's")

        private static func value(after key: String, until end: Character, in text: String) -> String? {
            guard let range = text.firstRange(of: key), let stop = text[range.upperBound...].firstIndex(of: end) else {
                return nil
            }
            return String(text[range.upperBound..<stop])
        }

        /// For each element in C order its place in the file.
        func order() -> [Int] {
            guard isFortran else { return Array(0..<shape.count) }
            let (own, file) = (shape.strides, Shape(shape.dimensions.reversed()).strides)
            return (0..<shape.count).map { index in
                shape.dimensions.indices.reduce(0) { place, axis in
                    place + index / own[axis] % shape[axis] * file[shape.rank - 1 - axis]
                }
            }
        }
    }
}

/// The number that 16 bits stand for in IEEE 754's half precision.
private func halfPrecision(_ bits: UInt16) -> Double {
    let fraction = Double(bits & 0x3FF)
    let sign: Double = bits >> 15 == 0 ? 1 : -1
    switch Int(bits >> 10 & 0x1F) {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    case let exponent:
        return sign * (1 + fraction * 0x1p-10) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }
}
