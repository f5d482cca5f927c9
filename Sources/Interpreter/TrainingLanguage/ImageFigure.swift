import Figures
import Graphs
import Language
import Tensors

extension Arguments {
    /// Draws the first argument where it is an image: `[height, width]`, or `[height, width, channels]` with one channel
    /// or three. Numbers in 0...1 keep their brightness, others are spread from the darkest to the brightest.
    func showImage() throws -> Value? {
        guard case .tensor(let node) = self[0], let tensor = node.value, tensor.count > 0 else { return nil }
        let shape = node.shape
        guard shape.rank == 2 || (shape.rank == 3 && [1, 3].contains(shape[2])) else { return nil }
        let values = tensor.doubles
        let isBrightness = values.allSatisfy { (0...1).contains($0) }
        let raster = Raster(
            width: shape[1], height: shape[0], channels: shape.rank == 3 ? shape[2] : 1, values: values,
            limits: isBrightness ? 0...1 : nil)
        return show(Figure(raster, title: has(2) ? try text(2) : ""))
    }
}
