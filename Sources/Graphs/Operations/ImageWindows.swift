import Tensors

/// How windows of a convolution or pooling lie on an image: the settings, and the output's extents.
package struct ImageWindows: Sendable {
    package var stride: [Int]
    package var dilation: [Int]
    /// Zeros added to the image: top, bottom, left, right; with what lets the last window reach over the border.
    package var pads: [Int]
    /// Height and width of the output.
    package var extents: [Int]

    private static let axisNames = ["height", "width"]

    /// - Parameters:
    ///   - image: height and width.
    ///   - window: height and width of the window.
    ///   - stride: the stride where the settings have none.
    package init(
        _ attributes: Attributes, image: [Int], window: [Int], stride fallback: [Int] = [1, 1], for name: String
    )
        throws
    {
        stride = try Self.pair(attributes, "stride", fallback: fallback, from: 1, for: name)
        dilation = try Self.pair(attributes, "dilation", fallback: [1, 1], from: 1, for: name)
        guard window.allSatisfy({ 1..<ShapeRules.largestSetting ~= $0 }) else {
            throw OperationError(
                "'\(name)' needs a window with elements", expected: "a height and a width from 1", found: "\(window)")
        }
        // A dilated window of n elements reaches over this many.
        let reach = zip(window, dilation).map { ($0 - 1) * $1 + 1 }
        pads = try Self.pads(attributes, image: image, reach: reach, stride: stride, for: name)
        extents = []
        let roundsUp = attributes.flag("ceil", default: false)
        for axis in 0..<2 {
            if roundsUp {
                pads[2 * axis + 1] += Self.overhang(
                    image[axis], reach[axis], stride[axis], before: pads[2 * axis], after: pads[2 * axis + 1])
            }
            let room = image[axis] + pads[2 * axis] + pads[2 * axis + 1]
            guard room >= reach[axis] else {
                let padded = room == image[axis] ? "" : " (\(room) with padding)"
                let dilated = reach[axis] == window[axis] ? "" : ", dilated by \(dilation[axis])"
                throw OperationError(
                    "the window of '\(name)' is larger than the image",
                    expected: "an image of \(Self.axisNames[axis]) \(reach[axis]) or more for a window of "
                        + "\(window[axis])\(dilated)",
                    found: "\(Self.axisNames[axis]) \(image[axis])\(padded)",
                    hint: "pad: same keeps the size, or use a smaller window")
            }
            extents.append((room - reach[axis]) / stride[axis] + 1)
        }
    }

    /// What has to be added behind the image for one window more, where the last one leaves a rest uncovered and one
    /// more would still begin within the image or the padding before it.
    private static func overhang(_ image: Int, _ reach: Int, _ stride: Int, before: Int, after: Int) -> Int {
        let room = image + before + after - reach
        guard room >= 0, room % stride > 0, (room / stride + 1) * stride < image + before else { return 0 }
        return stride - room % stride
    }

    /// Two numbers of a setting; one stands for both.
    static func pair(_ attributes: Attributes, _ setting: String, fallback: [Int], from least: Int, for name: String)
        throws -> [Int]
    {
        guard attributes[setting] != nil else { return fallback }
        guard let pair = attributes.perAxis(setting, count: 2),
            pair.allSatisfy({ least..<ShapeRules.largestSetting ~= $0 })
        else {
            let found = attributes.integers(setting).map { $0.count == 1 ? "\($0[0])" : "\($0)" } ?? "no whole number"
            throw OperationError(
                "the \(setting) of '\(name)' is wrong",
                expected: "a whole number from \(least), or [height, width] of such", found: found)
        }
        return pair
    }

    private static func pads(
        _ attributes: Attributes, image: [Int], reach: [Int], stride: [Int], for name: String
    ) throws -> [Int] {
        func wrong(_ found: String) -> OperationError {
            OperationError(
                "the pad of '\(name)' is wrong",
                expected: "a whole number from 0, [height, width], [top, bottom, left, right], same or valid",
                found: found)
        }
        switch attributes["pad"] {
        case nil: return [0, 0, 0, 0]
        case .text("valid")?: return [0, 0, 0, 0]
        case .text("same")?:
            // The output has ceil(image / stride) elements; an odd zero goes to the bottom and right.
            return (0..<2).flatMap { axis in
                let extent = image[axis] == 0 ? 0 : (image[axis] - 1) / stride[axis] + 1
                let total = max(0, (extent - 1) * stride[axis] + reach[axis] - image[axis])
                return [total / 2, total - total / 2]
            }
        case .text(let word)?: throw wrong(word)
        case .number(let number)?: throw wrong("\(number)")
        case .flag(let flag)?: throw wrong("\(flag)")
        case .integer(let number)?:
            guard 0..<ShapeRules.largestSetting ~= number else { throw wrong("\(number)") }
            return [number, number, number, number]
        case .integers(let list)?:
            guard list.allSatisfy({ 0..<ShapeRules.largestSetting ~= $0 }) else { throw wrong("\(list)") }
            switch list.count {
            case 1: return [list[0], list[0], list[0], list[0]]
            case 2: return [list[0], list[0], list[1], list[1]]
            case 4: return list
            default: throw wrong("\(list)")
            }
        }
    }
}
