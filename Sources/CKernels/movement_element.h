// Fills, gathers, scatters and one-hot rows for the ELEMENT type, under the names MOVE(function).

void MOVE(nnx_fill)(ELEMENT *destination, long count, ELEMENT value) {
    for (long i = 0; i < count; i++) destination[i] = value;
}

// The index that a number is, or -1 if it is none in 0 ..< end.
static long MOVE(index_of)(ELEMENT number, long end) {
    return number >= 0 && number < (ELEMENT)end && number == (ELEMENT)(long)number ? (long)number : -1;
}

void MOVE(nnx_gather_rows)(
    const ELEMENT *table, long rows, long columns, const ELEMENT *indices, long count, ELEMENT *destination) {
    for (long i = 0; i < count; i++, destination += columns) {
        const long index = MOVE(index_of)(indices[i], rows);
        if (index < 0) MOVE(nnx_fill)(destination, columns, (ELEMENT)NAN);
        else memcpy(destination, table + index * columns, (size_t)columns * sizeof *table);
    }
}

void MOVE(nnx_scatter_add_rows)(
    ELEMENT *table, long rows, long columns, const ELEMENT *indices, long count, const ELEMENT *source,
    long first, long last) {
    for (long i = 0; i < count; i++) {
        const long index = MOVE(index_of)(indices[i], rows);
        for (long j = first; index >= 0 && j < last; j++)
            table[index * columns + j] += source[i * columns + j];
    }
}

void MOVE(nnx_one_hot)(const ELEMENT *labels, long count, long classes, ELEMENT *destination) {
    for (long i = 0; i < count; i++, destination += classes) {
        const long label = MOVE(index_of)(labels[i], classes);
        MOVE(nnx_fill)(destination, classes, label < 0 ? (ELEMENT)NAN : 0);
        if (label >= 0) destination[label] = 1;
    }
}
