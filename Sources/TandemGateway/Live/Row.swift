/// Things in a row: appended at the end, taken from the front.
struct Row<Item> {
    private var items: [Item] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }
    var count: Int { items.count - head }
    var first: Item? { head < items.count ? items[head] : nil }

    mutating func append(_ item: Item) { items.append(item) }

    mutating func removeFirst() {
        head += 1
        if head == items.count || head >= 1_024 {
            items.removeFirst(head)
            head = 0
        }
    }
}
