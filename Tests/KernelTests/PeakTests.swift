import CKernels
import Testing

@Suite struct PeakTests {
    @Test("does as many multiply-adds as it says, in all chains", arguments: instructionSets)
    func counts(isa: nnx_isa) {
        for count in [1, 1000, 100_000] {
            var result: Float = 0
            let done = nnx_peak_run(isa, count, &result)
            #expect(done >= count && done < count + 1000)
            // Each chain tends to 1 from 1 ... 12, so that their sum lies between.
            #expect(result > 11.9 && result < 78)
        }
    }
}
