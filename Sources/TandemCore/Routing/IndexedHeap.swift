/// What stands in a heap; `handle` is its number in the table of places.
protocol HeapElement: Sendable {
    var handle: Int32 { get }
    func precedes(_ other: Self) -> Bool
}

/// A four-ary heap that keeps each element's place in a table outside, so that any element can leave it.
///
/// The order of equal elements would follow their history: `precedes` must be a total order. The table may
/// grow and never shrinks: what was inserted is moved without another look at its bounds.
struct IndexedHeap<Element: HeapElement>: Sendable {
    private(set) var elements: [Element] = []

    @inline(__always) var isEmpty: Bool { elements.isEmpty }
    @inline(__always) var first: Element? { elements.first }

    mutating func insert(_ element: Element, places: inout [Int32]) {
        precondition(
            places.indices.contains(Int(element.handle)), "an element that the table of places has no room for")
        elements.append(element)
        rise(from: elements.count - 1, places: &places)
    }

    mutating func remove(at place: Int, places: inout [Int32]) {
        places[Int(elements[place].handle)] = -1
        let last = elements.removeLast()
        if place == elements.count { return }
        elements[place] = last
        settle(at: place, places: &places)
    }

    /// The element at `place` has another key now.
    mutating func replace(at place: Int, with element: Element, places: inout [Int32]) {
        elements[place] = element
        settle(at: place, places: &places)
    }

    private mutating func settle(at place: Int, places: inout [Int32]) {
        if place > 0, elements[place].precedes(elements[(place - 1) >> 2]) {
            rise(from: place, places: &places)
        } else {
            sink(from: place, places: &places)
        }
    }

    private mutating func rise(from start: Int, places: inout [Int32]) {
        elements.withUnsafeMutableBufferPointer { elements in
            places.withUnsafeMutableBufferPointer { places in
                var place = start
                let moving = elements[place]
                while place > 0 {
                    let parent = (place - 1) >> 2
                    let above = elements[parent]
                    guard moving.precedes(above) else { break }
                    elements[place] = above
                    places[Int(above.handle)] = Int32(truncatingIfNeeded: place)
                    place = parent
                }
                elements[place] = moving
                places[Int(moving.handle)] = Int32(truncatingIfNeeded: place)
            }
        }
    }

    private mutating func sink(from start: Int, places: inout [Int32]) {
        elements.withUnsafeMutableBufferPointer { elements in
            places.withUnsafeMutableBufferPointer { places in
                var place = start
                let moving = elements[place]
                while true {
                    let child = place << 2 + 1
                    if child >= elements.count { break }
                    var least = child
                    var first = elements[child]
                    for other in child + 1..<min(child + 4, elements.count) where elements[other].precedes(first) {
                        least = other
                        first = elements[other]
                    }
                    guard first.precedes(moving) else { break }
                    elements[place] = first
                    places[Int(first.handle)] = Int32(truncatingIfNeeded: place)
                    place = least
                }
                elements[place] = moving
                places[Int(moving.handle)] = Int32(truncatingIfNeeded: place)
            }
        }
    }
}

extension IndexedHeap {
    /// Visits from the first on; below an element for which `body` says no there is nobody better than it.
    func descend(from place: Int = 0, _ body: (Element) -> Bool) {
        guard place < elements.count, body(elements[place]) else { return }
        let child = place << 2 + 1
        for next in child..<child + 4 { descend(from: next, body) }
    }
}
