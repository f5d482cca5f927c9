import Datasets
import Testing

/// Every mutation of a small file is read or refused with a message; a crash would end the test run.
@Test func mutatedFilesAreReadOrRefused() throws {
    let plain = idx([3, 2, 2], Array(1...12))
    let floats = idx([2], [0x3F, 0xC0, 0, 0, 0x40, 0, 0, 0], type: 0x0D)
    let seeds = try [plain, floats, gzip(plain), gzip(floats), gzip(idx([200], [UInt8](repeating: 5, count: 200)))]
    var mutation = Mutation(seed: 20_240_517)
    var read = 0
    var refused = 0
    for round in 0..<20_000 {
        let bytes = mutation.mutated(seeds[round % seeds.count])
        do {
            let array = try IdxFile.decode(bytes, path: round % 2 == 0 ? "mutated" : "mutated.gz")
            #expect(array.count == array.shape.reduce(1, *))
            read += 1
        } catch let error as DatasetError {
            #expect(!error.message.isEmpty)
            refused += 1
        }
    }
    #expect(read > 100)
    #expect(refused > 10_000)
}
