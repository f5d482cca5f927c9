/// Rounding to whole numbers. The derivatives are zero.
enum RoundingOperations {
    static let all: [Operation] = [floor, ceil, round]

    static let floor: Operation = Operation.unary(
        "floor", "The largest whole number that is not larger.", formula: "y = floor(x)",
        example: "floor([1.7, -1.2])   # -> [1, -2]", .floor, derivative: nil)

    static let ceil: Operation = Operation.unary(
        "ceil", "The smallest whole number that is not smaller.", formula: "y = ceil(x)",
        example: "ceil([1.2, -1.7])   # -> [2, -1]", .ceiling, derivative: nil)

    static let round: Operation = Operation.unary(
        "round", "The nearest whole number; halves go to the even neighbour.", formula: "y = round(x)",
        example: "round([1.4, 2.5, -1.6])   # -> [1, 2, -2]", .round, derivative: nil)
}
