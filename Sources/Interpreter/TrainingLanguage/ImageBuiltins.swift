import Datasets
import Language
import Tensors

/// Builtins about images as tensors: `[height, width, channels]`, float32, 0...1.
enum ImageBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "image", ["path", "size:"],
            "A PNG or JPEG file as a tensor [height, width, channels], float32, 0...1: 1 channel (gray) or 3 (red, green, "
                + "blue). Transparency shows a white ground. size: [height, width], or one number for both, makes it "
                + "smaller or larger and cuts off what is over on two sides.",
            example: "fn photo() = image(\"photo.jpg\", size: 224)   # -> none"
        ) { arguments in
            let machine = arguments.machine
            let path = try arguments.fileToRead(0)
            let size = try arguments.imageSize(1)
            return try machine.located(arguments.span(0)) {
                // While checking, the header says what is needed.
                let found = try ImageFile.shape(path)
                let shape = size.map { [$0.height, $0.width, found[2]] } ?? found
                return try machine.created(TensorType(.float32, Shape(shape))) {
                    let image = try ImageFile.read(path)
                    let tensor = try Tensor(uninitialized: TensorType(.float32, Shape(shape)))
                    let output = tensor.pointer.assumingMemoryBound(to: Float.self)
                    if let size {
                        image.write(height: size.height, width: size.width, to: output)
                    } else {
                        image.write(to: output)
                    }
                    return tensor
                }
            }
        }
    ]
}

extension Arguments {
    /// The absolute path of a file or folder that is read.
    func pathOfFile(_ index: Int) throws -> String {
        machine.session.resolve(reading: try text(index), for: span(index))
    }

    /// The same for a file or folder whose contents are needed now.
    ///
    /// - Throws: `NeedsValue` while a script is checked that writes it, or something in it, itself.
    func fileToRead(_ index: Int) throws -> String {
        let path = try pathOfFile(index)
        if machine.isChecking, machine.session.willBeWritten.contains(where: { $0 == path || $0.hasPrefix(path + "/") })
        {
            throw NeedsValue.at(machine.origin(of: span(index)))
        }
        return path
    }

    /// `[height, width]`, or one number for both; nil where it is left out.
    func imageSize(_ index: Int) throws -> (height: Int, width: Int)? {
        guard has(index) else { return nil }
        let numbers = try integers(index)
        guard (1...2).contains(numbers.count), numbers.allSatisfy({ (1...Self.largestImageSide).contains($0) }) else {
            throw wrong(index, expected: "[height, width] in pixels, or one number for both")
        }
        return (numbers[0], numbers[numbers.count - 1])
    }

    /// As large as a PNG may be that is read.
    private static let largestImageSide = 1 << 14
}
