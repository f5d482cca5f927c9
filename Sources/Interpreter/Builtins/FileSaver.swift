import Datasets
import Figures
import Files
import Graphs
import Language
import Networks
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// `save(value, path)`: which bytes go to which file.
struct FileSaver {
    let arguments: Arguments

    init(_ arguments: Arguments) { self.arguments = arguments }

    private var pathIndex: Int { arguments.has(1) ? 1 : 0 }

    /// While a script is checked: what reads the file later cannot know yet what will be in it.
    func announce() {
        guard let path = try? arguments.text(pathIndex) else { return }
        let session = arguments.machine.session
        session.willBeWritten.insert(session.resolve(path: path))
    }

    func save() throws {
        let session = arguments.machine.session
        let path = try arguments.text(pathIndex)
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
            throw arguments.wrong(pathIndex, expected: "a path with an ending such as .svg or .npy")
        }
        let ending = name[name.index(after: dot)...].lowercased()
        let value: Value
        if pathIndex == 0 {
            guard let figure = session.lastFigure else {
                throw Diagnostic("there is no figure to save yet", at: arguments.span, hint: "save(value, path)")
            }
            value = .object(FigureValue(figure))
        } else {
            value = arguments[0]
        }
        let bytes = try bytes(of: value, ending: ending)
        try arguments.machine.located(arguments.span(pathIndex)) {
            try writeAtomically(bytes, to: session.resolve(path: path))
        }
        // What was read before may be another file now.
        session.filesRead = [:]
    }

    private func bytes(of value: Value, ending: String) throws -> [UInt8] {
        var endings = ["npy"]
        switch value {
        case .object(let object as any SavableObject):
            if let bytes = try object.bytes(ending: ending, arguments.machine) { return bytes }
            endings = object.endings
        case .object(let object):
            guard let figure = try object.figure(arguments.machine) else {
                throw arguments.wrong(0, expected: "a figure, a tensor or a net")
            }
            endings = ["svg", "png", "pdf"]
            switch ending {
            case "svg": return Array(figure.svg().utf8)
            case "png": return try figure.png()
            case "pdf": return try figure.pdf()
            default: break
            }
        default:
            guard let tensor = try arguments.machine.node(value, at: arguments.span(0))?.value else {
                throw arguments.wrong(0, expected: "a figure, a tensor or a net")
            }
            switch ending {
            case "npy": return NumpyArray.encoded(tensor)
            case "png": return try png(of: tensor)
            default: endings = ["npy", "png"]
            }
        }
        throw arguments.wrong(
            pathIndex, expected: "a path that ends in " + endings.map { "." + $0 }.joined(separator: " or "))
    }

    /// A tensor as an image of 8 bits a sample; numbers outside of 0...1 are cut off, which is told.
    private func png(of tensor: Tensor) throws -> [UInt8] {
        guard let image = ImageShape(tensor.shape) else {
            throw arguments.wrong(
                0, expected: "an image: [height, width], [height, width, 1] or [height, width, 3]",
                hint: "a path that ends in .npy keeps any tensor")
        }
        let samples = tensor.doubles.map { Float($0) }
        let outside = samples.count { !(0...1).contains($0) }
        if outside > 0 {
            arguments.machine.session.emit(
                .note(
                    Diagnostic(
                        "\(outside) of \(samples.count) numbers of the image are outside of 0...1 and are cut off in the file",
                        at: arguments.span(0), severity: .warning)))
        }
        return try arguments.machine.located(arguments.span(0)) {
            try Image.png(samples, height: image.height, width: image.width, channels: image.channels)
        }
    }
}

/// The axes of a tensor that is an image.
struct ImageShape {
    let height: Int
    let width: Int
    /// 1 for gray, 3 for red, green and blue.
    let channels: Int

    /// `[height, width]`, `[height, width, 1]` or `[height, width, 3]`; nil for any other shape, and for an empty image.
    init?(_ shape: Shape) {
        guard shape.rank == 2 || shape.rank == 3 else { return nil }
        (height, width, channels) = (shape[0], shape[1], shape.rank == 3 ? shape[2] : 1)
        guard height > 0, width > 0, channels == 1 || channels == 3 else { return nil }
    }
}
