/// Virtual time since the run began, in microseconds.
typealias Moment = Int

/// So many milliseconds, as microseconds.
func milliseconds(_ count: Int) -> Int { count * 1_000 }
