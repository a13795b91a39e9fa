import TestChance
import Testing

@testable import TandemTransport

@Suite("A byte queue")
struct ByteQueueTests {
    @Test("It gives back what was put in, in order, through growing and moving", arguments: UInt64(1)...10)
    func model(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = ByteQueue()
        var model: [UInt8] = []
        for _ in 0..<300 {
            if generator.next() % 3 != 0 {
                let bytes = generator.bytes(Int(generator.next() % (generator.next() % 20 == 0 ? 20_000 : 100)))
                queue.append(bytes)
                model += bytes
            } else {
                let count = Int(generator.next() % UInt64(model.count + 1))
                queue.consume(count)
                model.removeFirst(count)
            }
            let matches = queue.count == model.count && queue.bytes.elementsEqual(model)
            #expect(matches, "seed \(seed)")
        }
    }

    @Test("Numbers are written in their shortest digits")
    func numbers() {
        for number in [0, 1, 9, 10, 15, 16, 99, 100, 255, 256, 4_096, 65_535, 1_000_000, Int.max] {
            var queue = ByteQueue()
            queue.append(decimal: number)
            queue.append(" ")
            queue.append(hexadecimal: number)
            let text = String(decoding: queue.bytes, as: UTF8.self)
            #expect(text == "\(number) \(String(number, radix: 16))")
        }
    }
}
