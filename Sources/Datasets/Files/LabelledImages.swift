/// A set of images and labels in two idx files.
enum LabelledImages {
    /// Joins an array of images and one of labels.
    ///
    /// - Throws: `DatasetError` where images are not `[count, height, width]` bytes (or `[count, height, width, channels]`),
    ///   labels not `[count]` bytes, or the counts differ.
    static func store(
        images: IdxArray, imagesPath: String, labels: IdxArray, labelsPath: String, classNames: [String]
    ) throws -> SampleStore {
        guard images.shape.count == 3 || images.shape.count == 4 else {
            throw DatasetError(
                "images need 3 dimensions (count, height, width), this array has \(images.shape.count)",
                path: imagesPath)
        }
        guard labels.shape.count == 1 else {
            throw DatasetError("labels need 1 dimension, this array has \(labels.shape.count)", path: labelsPath)
        }
        guard images.shape[0] == labels.shape[0] else {
            throw DatasetError(
                "\(labels.shape[0]) labels for \(images.shape[0]) images in \(imagesPath)", path: labelsPath,
                hint: "images and labels must be of the same split of the same set")
        }
        guard case .bytes(let classes) = labels.values else {
            throw DatasetError("labels must be unsigned bytes", path: labelsPath)
        }
        if let bad = classes.firstIndex(where: { Int($0) >= classNames.count }) {
            throw DatasetError(
                "label \(classes[bad]) of sample \(bad) is not in 0...\(classNames.count - 1)", path: labelsPath)
        }
        let sampleShape = Array(images.shape.dropFirst()) + (images.shape.count == 3 ? [1] : [])
        do {
            return try SampleStore(
                values: images.values, sampleShape: sampleShape,
                targets: .classes(classes.map { Int32($0) }, names: classNames))
        } catch let error as DatasetError {
            throw DatasetError(error.message, path: imagesPath, hint: error.hint)
        }
    }
}
