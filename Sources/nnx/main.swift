print("nnx")
