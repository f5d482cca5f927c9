/// Changes samples between reading and normalising: an augmentation, which works on values as they are in the source.
///
/// One thread at a time uses a transformation, though not always the same one.
public protocol SampleTransformation: AnyObject, Sendable {
    /// Changes samples in place.
    ///
    /// - Parameters:
    ///   - samples: Their positions in the dataset.
    ///   - epoch: Counted from 0.
    ///   - values: `[samples.count] + sampleShape`, row-major, with room for a cache line behind.
    func apply(to samples: ArraySlice<Int32>, epoch: Int, values: UnsafeMutablePointer<Float>) throws
}
