import TandemAPI
import TandemCore
import Testing

@Suite("The JSON writer")
struct JSONWriterTests {
    @Test("Commas, brackets and escapes come by themselves")
    func writes() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("text", "a\"b\\c\n\u{1}é")
        writer.field("list", ["x", "y"])
        writer.key("nested")
        writer.beginObject()
        writer.endObject()
        writer.field("minus", Int64.min)
        writer.field("most", UInt64(Int64.max))
        writer.field("yes", true)
        writer.key("none")
        writer.null()
        writer.key("share")
        writer.number(72.9166)
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "{\"text\":\"a\\\"b\\\\c\\n\\u0001é\",\"list\":[\"x\",\"y\"],\"nested\":{},"
                + "\"minus\":-9223372036854775808,\"most\":9223372036854775807,\"yes\":true,\"none\":null,"
                + "\"share\":72.917}")
    }

    @Test("Numbers above what a signed 64-bit number holds are written whole")
    func largest() {
        var writer = JSONWriter()
        writer.integer(UInt64.max)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "18446744073709551615")
    }

    @Test(
        "Identifiers and moments are written as text",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_404_660_123, "2026-11-23T03:31:00.123Z"),
            (951_827_696_007, "2000-02-29T12:34:56.007Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func moments(milliseconds: Int64, text: String) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("at", Timestamp(milliseconds: milliseconds))
        writer.field("queue", QueueID(raw: 1))
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == #"{"at":"\#(text)","queue":"que_0000000000001"}"#)
    }

    @Test(
        "A moment is read back from every form RFC 3339 has",
        arguments: [
            ("2026-11-23T03:31:00Z", 1_795_404_660_000), ("2026-11-23T11:31:00.5+08:00", 1_795_404_660_500),
            ("2026-11-22T22:01:00.123456789-05:30", 1_795_404_660_123), ("1969-12-31t23:59:59.999z", -1),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(TimestampText.parse(text)?.milliseconds == milliseconds)
    }

    @Test(
        "What is no moment is refused",
        arguments: [
            "", "2026-11-23", "2026-11-23T03:31:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T03:60:00Z", "2026-11-23T03:31:60Z", "2026-11-23T03:31:00.Z", "2026-11-23T03:31:00+8:00",
            "2026-11-23 03:31:00Z", "2026-11-23T03:31:00.0000000000Z", "+026-11-23T03:31:00Z",
        ])
    func refuses(text: String) {
        #expect(TimestampText.parse(text) == nil)
    }

    @Test("Every day of four centuries is written and read back")
    func days() {
        for day in stride(from: Int32(-40_000), through: 106_000, by: 1) {
            #expect(TimestampText.parseDay(TimestampText.dayText(day)) == day)
        }
    }
}
