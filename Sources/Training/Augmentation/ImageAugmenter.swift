import Datasets
import Graphs
import Scheduling
import Tensors

/// An augmentation compiled for images of one shape, with the memory for one of them at a time.
package final class ImageAugmenter: SampleTransformation, @unchecked Sendable {
    private let plan: Plan
    private let imageSize: Int

    package init(_ traced: TracedAugmentation, pool: ThreadPool) throws {
        plan = try Plan(
            PlanDescription(inputs: [traced.image, traced.key], variables: [], outputs: [traced.output], updates: []),
            pool: pool)
        imageSize = traced.image.shape.count
    }

    package func apply(to samples: ArraySlice<Int32>, epoch: Int, values: UnsafeMutablePointer<Float>) throws {
        for (row, sample) in samples.enumerated() {
            let image = values + row * imageSize
            plan.bind(input: 0, to: image)
            plan.inputPointer(1).storeBytes(
                of: AugmentationTrace.key(epoch: epoch, sample: Int(sample)), as: Double.self)
            try plan.run()
            let output = plan.output(0)
            if output != UnsafeRawPointer(image) {
                UnsafeMutableRawPointer(image).copyMemory(
                    from: output, byteCount: imageSize * MemoryLayout<Float>.stride)
            }
        }
    }
}
