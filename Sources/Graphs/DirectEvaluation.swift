import Scheduling
import Tensors

/// Runs one operation at once on values that are there: how the prompt computes.
enum DirectEvaluation {
    static func run(
        _ operation: Operation, _ inputs: [Tensor], output: TensorType, attributes: Attributes, pool: ThreadPool
    ) throws -> Tensor {
        let types = inputs.map(\.type)
        let kernel: PreparedKernel
        switch operation.kernel {
        case .alias: return inputs[0].reshaped(to: output.shape)
        case .source: throw OperationError("'\(operation.name)' is not computed")
        case .elementwise(let emit):
            guard output.shape.count > 0 else { return try Tensor(uninitialized: output) }
            var program = ElementwiseProgram(operandCount: inputs.count)
            let result = emit(&program, inputs.indices.map { .operand($0) }, attributes)
            program.outputs = [result]
            kernel = try ElementwiseKernel.prepare(program, operands: types, output: output)
        case .prepared(let prepare):
            kernel = try prepare(KernelRequest(inputs: types, output: output, attributes: attributes))
        }
        let result = try Tensor(uninitialized: output)
        let scratch = try Storage(byteCount: kernel.scratchBytes(pool.threads))
        try withExtendedLifetime((inputs, result, scratch)) {
            try kernel.run(
                KernelArguments(
                    inputs: inputs.map { UnsafeRawPointer($0.pointer) }, output: result.pointer,
                    scratch: scratch.pointer, pool: pool))
        }
        return result
    }
}
