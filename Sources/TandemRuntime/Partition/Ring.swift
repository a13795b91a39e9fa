/// First in, first out, in one array that is used again.
struct Ring<Element> {
    private var storage: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Element? { count == 0 ? nil : storage[head] }
    var last: Element? { count == 0 ? nil : storage[(head + count - 1) & (storage.count - 1)] }

    /// The element at a place from the first; nil beyond the last.
    subscript(offset: Int) -> Element? {
        offset >= 0 && offset < count ? storage[(head + offset) & (storage.count - 1)] : nil
    }

    func forEach(_ body: (Element) throws -> Void) rethrows {
        for offset in 0..<count {
            if let element = storage[(head + offset) & (storage.count - 1)] { try body(element) }
        }
    }

    mutating func append(_ element: Element) {
        if count == storage.count { grow() }
        storage[(head + count) & (storage.count - 1)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = storage[head].take()
        head = (head + 1) & (storage.count - 1)
        count -= 1
        return element
    }

    /// Puts another element in the place of the first; there must be one.
    mutating func replaceFirst(_ element: Element) {
        precondition(count > 0, "there is a first element")
        storage[head] = element
    }

    mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        count -= 1
        return storage[(head + count) & (storage.count - 1)].take()
    }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(16, storage.count * 2))
        for offset in 0..<count { larger.append(storage[(head + offset) & (storage.count - 1)]) }
        larger += [Element?](repeating: nil, count: max(16, storage.count * 2) - larger.count)
        storage = larger
        head = 0
    }
}
