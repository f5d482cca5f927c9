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

    func save() throws {
        let session = arguments.machine.session
        let pathIndex = arguments.has(1) ? 1 : 0
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
        let bytes = try bytes(of: value, ending: ending, pathIndex: pathIndex)
        let absolute = path.hasPrefix("/") ? path : session.configuration.workingDirectory + "/" + path
        try arguments.machine.located(arguments.span(pathIndex)) { try writeAtomically(bytes, to: absolute) }
    }

    private func bytes(of value: Value, ending: String, pathIndex: Int) throws -> [UInt8] {
        var endings = ["npy"]
        switch value {
        case .object(let object as any SavableObject):
            if let bytes = try object.bytes(ending: ending, arguments.machine) { return bytes }
            endings = object.endings
        case .object(let object):
            guard let figure = try object.figure(arguments.machine) else {
                throw arguments.wrong(0, expected: "a figure, a tensor or a net")
            }
            endings = ["svg", "png"]
            switch ending {
            case "svg": return Array(figure.svg().utf8)
            case "png": return try figure.png()
            default: break
            }
        default:
            guard let tensor = try arguments.machine.node(value, at: arguments.span(0))?.value else {
                throw arguments.wrong(0, expected: "a figure, a tensor or a net")
            }
            if ending == "npy" { return NumpyArray.encoded(tensor) }
        }
        throw arguments.wrong(
            pathIndex, expected: "a path that ends in " + endings.map { "." + $0 }.joined(separator: " or "))
    }
}
