// Follows what happens to a merchant's orders: the server pushes, and remembers how far this program got. Stop it,
// start it again, let the server restart: it goes on behind what was printed.
// subscribe HOST:PORT NAME MERCHANT [EVENTS]
#include <cstdio>
#include <cstdlib>

#include "protocol/client/event_subscription.hpp"

int main(int argc, char** argv) {
  using namespace payloom;
  if (argc < 4) return std::fprintf(stderr, "usage: subscribe HOST:PORT NAME MERCHANT [EVENTS]\n"), 2;
  const auto number = [&](int i) { return i < argc ? std::strtoull(argv[i], nullptr, 10) : 0; };
  client::client_options where;
  where.addresses = {argv[1]};
  client::subscription_options what;
  what.name = number(2);
  what.merchant = number(3);
  what.acknowledge_by_itself = false;  // a program of weight says so only when it has kept what it heard

  std::uint64_t left = number(4);  // 0: for ever
  client::event_subscription* self = nullptr;
  std::mutex ready;
  std::unique_lock starting(ready);
  client::event_subscription events(where, what, [&](std::span<const order_event_row> batch) {
    const std::lock_guard lock(ready);
    for (const order_event_row& row : batch) {
      std::printf("commit %llu: order %llx, version %u\n", static_cast<unsigned long long>(row.sequence),
                  static_cast<unsigned long long>(lo64(row.event.order.id.value)), row.event.order.version);
      self->acknowledge(row.sequence);
      if (left != 0 && --left == 0) return self->stop();
    }
    std::fflush(stdout);
  });
  self = &events;
  starting.unlock();

  switch (events.wait()) {
    case client::subscription_end::stopped:
      return 0;
    case client::subscription_end::taken_over:
      std::printf("somebody else goes on with it\n");
      return 1;
    case client::subscription_end::refused:
      std::printf("refused: %s\n", name_of(events.refusal()).data());
      return 1;
  }
  return 1;
}
