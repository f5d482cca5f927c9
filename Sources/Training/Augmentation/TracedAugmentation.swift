import Datasets
import Graphs
import Scheduling
import Tensors

/// An augmentation with its graph settled for images of one shape.
package struct TracedAugmentation {
    /// Placeholders for one image and for its key.
    let image: Node
    let key: Node
    let output: Node
    /// The share of the own image where the images of a batch are mixed.
    let mixing: Node?

    /// - Throws: `OperationError` where the samples are no images or the augmentation changes their shape, and what its body
    ///   refuses.
    package init(_ definition: any AugmentationDefinition, for data: Dataset, seed: UInt64, builder: GraphBuilder)
        throws
    {
        let shape = Shape(data.sampleShape)
        guard shape.rank == 3 else {
            throw OperationError(
                "\(definition.name) changes images, and the samples of \(data.name) are none",
                expected: "samples [height, width, channels]", found: "samples \(shape)", argument: "augment")
        }
        image = builder.placeholder("image", TensorType(.float32, shape))
        key = builder.placeholder("key", TensorType(.float64, .scalar))
        let trace = AugmentationTrace(builder: builder, key: key, seed: seed)
        let changed = try definition.trace(image, into: trace)
        guard changed.shape == shape else {
            throw OperationError(
                "\(definition.name) changes the shape of an image; the net is evaluated on images as they are",
                expected: "\(shape)", found: "\(changed.shape)",
                hint: "warp(here, [[1, 0, 0], [0, 1, 0]], size: [\(shape[0]), \(shape[1])]) cuts it or fills it up",
                argument: "augment")
        }
        output = try builder.convert(changed, to: .float32)
        mixing = trace.mixing
    }
}
