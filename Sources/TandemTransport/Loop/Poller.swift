internal import CLinux
internal import Glibc

/// Receives the events of one descriptor.
protocol EventHandler: AnyObject {
    /// `events` is the epoll mask; called on the loop.
    func handle(events: UInt32)
    /// The loop is ending and closes the descriptor after this call.
    func loopEnds()
}

/// The epoll side of a loop: registered descriptors, and an eventfd to wake it.
///
/// Edge-triggered: one `epoll_ctl` in a descriptor's life. Who is told "readable" reads until there is no more, or
/// remembers that there may be. Everything but `wake` belongs to the loop's thread.
final class Poller {
    /// A place in the table, and how often it had been given away before; a late event names an older tenancy.
    struct Registration {
        fileprivate let slot: UInt32
        fileprivate let tenancy: UInt32
    }

    private struct Slot {
        var handler: (any EventHandler)?
        var descriptor: Int32
        var tenancy: UInt32
    }

    private static let wakeData = UInt64.max

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Limits.eventsPerBatch)

    init() throws(TransportError) {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .system(.resource, "epoll_create1") }
        let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wake >= 0 else {
            let error = TransportError.system(.resource, "eventfd")
            Glibc.close(epoll)
            throw error
        }
        self.epoll = epoll
        wakeDescriptor = wake
        var event = epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data(u64: Self.wakeData))
        let added = epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event)
        precondition(added == 0, "an eventfd can be watched")
    }

    deinit {
        Glibc.close(epoll)
        Glibc.close(wakeDescriptor)
        events.deallocate()
    }

    /// Ends the wait, or the next one; from any thread.
    func wake() {
        var one: UInt64 = 1
        // Fails only when the counter is full, which is as good a wake.
        _ = write(wakeDescriptor, &one, 8)
    }

    func register(_ descriptor: Int32, _ handler: any EventHandler) throws(TransportError) -> Registration {
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot(handler: nil, descriptor: -1, tenancy: 0))
        }
        let tenancy = slots[Int(slot)].tenancy
        let mask = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        var event = epoll_event(events: mask, data: epoll_data(u64: UInt64(tenancy) << 32 | UInt64(slot)))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            free.append(slot)
            throw .system(.resource, "epoll_ctl")
        }
        slots[Int(slot)].handler = handler
        slots[Int(slot)].descriptor = descriptor
        return Registration(slot: slot, tenancy: tenancy)
    }

    func close(_ registration: Registration) {
        let slot = Int(registration.slot)
        precondition(slots[slot].tenancy == registration.tenancy, "a registration is closed once")
        Glibc.close(slots[slot].descriptor)
        slots[slot].handler = nil
        slots[slot].descriptor = -1
        slots[slot].tenancy &+= 1
        free.append(registration.slot)
    }

    /// Tells every handler that the loop ends. Handlers may close their registration themselves.
    func closeAll() {
        for slot in slots.indices {
            let tenancy = slots[slot].tenancy
            slots[slot].handler?.loopEnds()
            if slots[slot].tenancy == tenancy, slots[slot].handler != nil {
                close(Registration(slot: UInt32(slot), tenancy: tenancy))
            }
        }
    }

    /// Waits for events, at most `milliseconds` (-1: without end); returns how many there are to deliver.
    func wait(milliseconds: Int32) -> Int {
        let count = epoll_wait(epoll, events, Int32(Limits.eventsPerBatch), milliseconds)
        guard count >= 0 else {
            precondition(errno == EINTR, "epoll_wait fails only for a signal")
            return 0
        }
        return Int(count)
    }

    func deliver(_ index: Int) {
        let data = events[index].data.u64
        guard data != Self.wakeData else {
            var count: UInt64 = 0
            _ = read(wakeDescriptor, &count, 8)
            return
        }
        let slot = Int(data & 0xFFFF_FFFF)
        // An event of a tenant that left earlier in this batch finds another tenancy.
        guard slots[slot].tenancy == UInt32(data >> 32), let handler = slots[slot].handler else { return }
        handler.handle(events: events[index].events)
    }
}
