import Tensors
import Testing

@Suite struct NumpyArrayTests {
    private func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
        let text = Array(header.utf8)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text + data
    }

    @Test func contentsSurvive() throws {
        for type in ElementType.allCases {
            for shape: Shape in [[], [3], [2, 3], [0, 2]] {
                let values = (0..<shape.count).map { Double($0) - 1.5 }
                let tensor = try Tensor(values, shape: shape, elementType: type)
                let bytes = NumpyArray.encoded(tensor)
                #expect((bytes.count - tensor.byteCount) % 64 == 0)
                let read = try NumpyArray.parse(bytes)
                #expect(read.type == tensor.type)
                #expect(read.doubles == values)
            }
        }
    }

    @Test func integersAndFortranOrderAreRead() throws {
        let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n"
        let read = try NumpyArray.parse(file(header, [1, 4, 2, 5, 3, 6]))
        #expect(read.doubles == [1, 2, 3, 4, 5, 6])
        #expect(read.shape == [2, 3])
    }

    @Test(arguments: [
        "", "{}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
    ])
    func wrongHeaderIsAnError(header: String) {
        #expect(throws: TensorError.self) { try NumpyArray.parse(file(header, [0, 0, 0, 0])) }
    }

    @Test func truncatedFileIsAnError() throws {
        let whole = NumpyArray.encoded(try Tensor([1, 2], shape: [2]))
        for count in 0..<whole.count {
            #expect(throws: TensorError.self) { try NumpyArray.parse(Array(whole[..<count])) }
        }
    }
}
